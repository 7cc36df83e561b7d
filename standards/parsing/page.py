"""A process file while it is being read: its problems, and the fields it may name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.errors import did_you_mean
from standards import catalogue
from standards.catalogue import LANGUAGES, Field
from standards.lists import code_of
from standards.merge import parse_merge
from standards.notebook import Notebook, described, with_article
from standards.reading import Mapping, Node, Scalar
from standards.working_time.duration import AnchoredMoment, Duration, Unit, parse_anchored, parse_duration

SOME_TIME = Duration(value=1, unit=Unit.DAY)
"""Stands in for a duration that could not be read, so that the checks after it see the step as it was meant."""


@dataclass(slots=True, kw_only=True)
class Page(Notebook):
    """A notebook that knows what the process is about and what its fields are."""

    subject: str = ""
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def known_subject(self) -> str | None:
        """The subject when it is one; None keeps what depends on it from being checked."""
        return self.subject if self.subject in catalogue.SUBJECTS else None

    def field(self, path: str, line: int) -> Field | None:
        """The field of that path, as far as this process can see it."""
        if path in self.fields:
            return self.fields[path]
        if path in catalogue.FIELDS:
            self.note(line, f"a process about {with_article(self.subject)} cannot see {path!r}. {self._seen()}")
        elif path.startswith("case."):
            hint = did_you_mean(path, self.fields) or "."
            self.note(line, f"no step asks for {path!r}{hint} Ask for it, or name a field of the catalogue.")
        else:
            self.note(line, f"there is no field {path!r}{did_you_mean(path, self.fields) or '.'} {self._seen()}")
        return None

    def _seen(self) -> str:
        entities = dict.fromkeys(path.partition(".")[0] for path in self.fields)
        return f"It sees the fields of {', '.join(entities)}."

    def anchored(self, node: Node, what: str) -> AnchoredMoment | None:
        """A moment counted from a field with a date or a moment, or from a completed step."""
        moment = self.parsed(node, what, parse_anchored)
        if moment is None:
            return None
        step = catalogue.step_of_anchor(moment.anchor)
        if step is not None:
            anchor = f"step {code_of(step)} completed"
            return AnchoredMoment(duration=moment.duration, direction=moment.direction, anchor=anchor)
        known = self.field(moment.anchor, node.line)
        if known is not None and not known.type.is_anchor:
            anchors = [path for path, each in self.fields.items() if each.type.is_anchor]
            hint = did_you_mean(moment.anchor, anchors) or "."
            self.note(node, f"{what} counts from {moment.anchor!r}, which is not a date or a moment{hint}")
        return moment

    def duration(self, node: Node, what: str) -> Duration:
        """A duration with its unit."""
        if isinstance(node, Scalar):
            return self.parsed(node, what, parse_duration) or SOME_TIME
        self.text(node, what)
        return SOME_TIME

    def title(self, node: Node, what: str) -> dict[str, str]:
        """A text, or one for each language; a text alone is taken as English."""
        if isinstance(node, Scalar):
            written = self._merge_text(node, what)
            return {"en": written} if written is not None else {}
        if not isinstance(node, Mapping) or not node.entries:
            self.note(node, f"{what} must be a text, or a text for each language, not {described(node)}.")
            return {}
        self.unknown_languages(node, what)
        written_in = {code: self._merge_text(each, what) for code, each in node.entries.items()}
        return {code: text for code, text in written_in.items() if text is not None and code in LANGUAGES}

    def unknown_languages(self, node: Mapping, what: str) -> None:
        """Note languages the product does not speak."""
        for code, line in node.lines.items():
            if code not in LANGUAGES:
                hint = did_you_mean(code, LANGUAGES) or "."
                self.note(
                    line, f"{what} is given in {code!r}, a language taktas does not know{hint} Known: en, lt, es."
                )

    def _merge_text(self, node: Node, what: str) -> str | None:
        merged = self.parsed(node, what, parse_merge)
        return self.text(node, what) if merged is not None else None

    def named(self, node: Mapping, key: str, what: str, read: Callable[[Node, str], str | None]) -> str | None:
        """The value under a key that must be there."""
        found = node.entries.get(key)
        if found is not None:
            return read(found, f"{what} {key}" if what else key)
        self.note(node, f"{what or 'the process'} says no {key!r}. Add it.")
        return None
