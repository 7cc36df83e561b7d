"""Taking the YAML of a mapping apart: each value of the wanted shape, or a problem at its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.errors import did_you_mean
from standards.problem import Problem
from standards.reading import Listing, Mapping, Node, Scalar


@dataclass(slots=True, kw_only=True)
class Pages:
    """One file being read, and what is wrong with it so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def problem(self, line: int, message: str) -> None:
        """Something at that line is wrong."""
        self.problems.append(Problem(file=self.file, line=line, message=message))

    def table(self, node: Node | None, what: str, known: Iterable[str] | None = None) -> Mapping:
        """Keys with values; an empty one when it is missing or of another shape. `known`: the keys it may have."""
        if node is None:
            return Mapping(entries={}, lines={}, line=0)
        if not isinstance(node, Mapping):
            self.problem(node.line, f"{what} must be keys with values, such as {what}: {{key: value}}.")
            return Mapping(entries={}, lines={}, line=node.line)
        if known is not None:
            listed = tuple(known)
            for key in node.entries.keys() - set(listed):
                hint = did_you_mean(key, listed) or "."
                self.problem(node.lines[key], f"{what} has no key {key!r}{hint} Its keys: {', '.join(listed)}.")
        return node

    def word(self, node: Node | None, what: str, default: str = "") -> str:
        """One plain value as it was written."""
        if node is None:
            return default
        if not isinstance(node, Scalar):
            self.problem(node.line, f"{what} must be one plain value.")
            return default
        return node.text

    def one_of(self, node: Node | None, what: str, choices: Iterable[str], default: str) -> str:
        """One of the choices, blanks and underscores alike."""
        written = self.word(node, what, default)
        listed = tuple(choices)
        meant = written.strip().lower().replace(" ", "_")
        if node is not None and meant not in listed:
            hint = did_you_mean(meant, listed) or "."
            self.problem(node.line, f"{written!r} is not a {what}{hint} Use {', '.join(listed)}.")
            return default
        return meant

    def whole(self, node: Node | None, what: str, default: int) -> int:
        """A whole number of at least 1."""
        written = self.word(node, what, str(default))
        if not written.isdecimal() or not 1 <= int(written) <= 1_000_000:
            self.problem(node.line if node else 0, f"{what} must be a whole number of at least 1, not {written!r}.")
            return default
        return int(written)

    def words(self, node: Node | None, what: str) -> dict[str, int]:
        """A list of plain values, each with its line; a single value is a list of one."""
        if node is None:
            return {}
        items = node.items if isinstance(node, Listing) else (node,)
        return {self.word(item, what): item.line for item in items}
