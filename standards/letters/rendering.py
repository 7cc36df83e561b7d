"""Filling a letter with facts, in its language, under limits; a missing field is refused, never left blank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from jinja2 import Template, Undefined, UndefinedError
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment

from core.errors import TaktasError
from standards.letters.filters import FILTERS, LANGUAGE, LISTS, FactNotFitting, FieldMissing, shown
from standards.letters.letter import Letter, RenderedLetter
from standards.letters.template import LOOP_FACTS, read_template
from standards.lists import Lists
from standards.merge import neutral

LONGEST = 200_000
"""Characters one part of a rendered letter may have."""

MOST_MEMBERS = 1000
"""Members a list in a letter may have."""

Facts = Mapping[str, object]
"""Path -> value; the value of a list is a sequence of mappings from a member's field to its value."""


class LetterNotRendered(TaktasError):
    """A letter cannot be filled with these facts."""


@dataclass(slots=True)
class _Branch:
    """One level of the facts: `policyholder` with its fields."""

    path: str
    below: dict[str, Any] = field(default_factory=dict)


class _Missing(Undefined):
    """A field without a value: false in a condition, refused where it would be printed."""

    @property
    def path(self) -> str:
        """Which field it is."""
        return str(self._undefined_name)

    def __str__(self) -> str:
        raise FieldMissing(self.path)

    def __iter__(self) -> Iterator[Any]:
        raise FieldMissing(self.path)


class _LetterEnvironment(SandboxedEnvironment):
    """Attributes are looked up among the facts and nowhere else."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The fact of that name; missing when there is none."""
        if isinstance(obj, _Branch):
            found = obj.below.get(attribute)
            return self.undefined(name=f"{obj.path}.{attribute}") if found is None else found
        if isinstance(obj, _Missing):
            return self.undefined(name=f"{obj.path}.{attribute}")
        if isinstance(obj, LoopContext) and attribute in LOOP_FACTS:
            return getattr(obj, attribute)
        return self.undefined(name=attribute)


def render_letter(letter: Letter, facts: Facts, lists: Lists | None = None) -> RenderedLetter:
    """The letter filled with the facts of one receiver; `lists` gives codes their labels.

    Raises: LetterNotRendered when a field it needs is missing, does not fit, or the letter comes out too long.
    """
    tree: dict[str, Any] = _tree(letter, facts)
    tree |= {LISTS: lists or Lists(), LANGUAGE: letter.language}
    html = letter.body_html
    return RenderedLetter(
        subject=neutral(_fill(letter, "subject.txt", letter.subject, tree).strip()),
        text=_fill(letter, "body.txt", letter.body_text, tree),
        html=_fill(letter, "body.html", html, tree) if html is not None else None,
    )


def _tree(letter: Letter, facts: Facts) -> dict[str, Any]:
    roots: dict[str, Any] = {}
    for path, value in facts.items():
        branches, name = _branches(path)
        below = roots
        for place, branch in branches:
            found = below.get(branch)
            if found is None:
                found = below[branch] = _Branch(path=place)
            below = found.below
        below[name] = _members(letter, path, value)
    return roots


@cache
def _branches(path: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Of `a.b.c`: the branches with where each stands, `a` and `a.b`, and the name behind them."""
    *branches, name = path.split(".")
    return tuple((".".join(branches[: depth + 1]), branch) for depth, branch in enumerate(branches)), name


def _members(letter: Letter, path: str, value: object) -> object:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    if len(value) > MOST_MEMBERS:
        raise LetterNotRendered(
            f"The letter {letter.name} ({letter.language}) lists {len(value)} of {path}; {MOST_MEMBERS} fit in one. "
            "Send several letters, or a file."
        )
    return [_Branch(path=path, below=dict(it)) if isinstance(it, Mapping) else it for it in value]


def _fill(letter: Letter, part: str, source: str, tree: Mapping[str, Any]) -> str:
    length = 0
    pieces: list[str] = []
    try:
        for piece in _template(source, letter.language, part.endswith(".html")).generate(tree):
            length += len(piece)
            if length > LONGEST:
                raise _refusal(letter, part, f"comes out longer than {LONGEST} characters. Shorten it, or list less")
            pieces.append(piece)
    except FieldMissing as missing:
        raise _refusal(
            letter, part, f"needs {missing}, which is not known here. Fill it in, or drop this receiver"
        ) from missing
    except (FactNotFitting, UndefinedError, TypeError) as error:
        raise _refusal(letter, part, f"does not fit the facts: {error}. Mend the letter or the fact") from error
    return "".join(pieces)


def _refusal(letter: Letter, part: str, reason: str) -> LetterNotRendered:
    return LetterNotRendered(f"The letter {letter.name} ({letter.language}, {part}) {reason}.")


@lru_cache(maxsize=512)
def _template(source: str, language: str, is_html: bool) -> Template:
    _, findings = read_template(source)
    if findings:
        raise FactNotFitting(f"line {findings[0].line}: {findings[0].message}")
    return _environment(language, is_html).from_string(source)


@cache
def _environment(language: str, is_html: bool) -> _LetterEnvironment:
    made = _LetterEnvironment(
        autoescape=is_html,
        undefined=_Missing,
        finalize=lambda value: shown(value, language),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters = dict(FILTERS)
    made.globals = {}
    return made
