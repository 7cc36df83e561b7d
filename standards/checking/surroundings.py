"""What a process leans on outside its own file: other processes, letters, lists, teams, the book of standards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from standards.letters.letter import Letter, UsedFields
from standards.letters.reading import used_fields
from standards.process import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """What a process must know of a letter: the fields it uses, in whatever language."""

    uses: UsedFields = field(default_factory=UsedFields)


def facts_of_letters(letters: Iterable[Letter]) -> dict[str, LetterFacts]:
    """By name, all languages together."""
    facts: dict[str, LetterFacts] = {}
    for letter in letters:
        before = facts.get(letter.name, LetterFacts())
        facts[letter.name] = LetterFacts(uses=before.uses.joined(used_fields(letter)))
    return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """None means: not known here, so names of that kind are not checked.

    `lists` maps the name of a coded list to its codes; `is_timed` says of process, step and action whether
    some standard gives such work a due time.
    """

    processes: Mapping[str, Process] | None = None
    letters: Mapping[str, LetterFacts] | None = None
    lists: Mapping[str, Collection[str]] | None = None
    teams: Collection[str] | None = None
    is_timed: Callable[[str, str, str], bool] | None = None

    def codes(self, name: str) -> Collection[str] | None:
        """The codes of a list; None when it is not known here."""
        return self.lists.get(name) if self.lists is not None else None


NOTHING_KNOWN = Surroundings()
