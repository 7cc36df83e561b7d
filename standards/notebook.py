"""Where a reader of definitions notes what is wrong, and the small questions it asks of every node."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from core.errors import TaktasError, did_you_mean
from standards.lists import code_of, is_code
from standards.problem import Problem
from standards.reading import Listing, Mapping, Node, Scalar

Value = TypeVar("Value")


@dataclass(slots=True, kw_only=True)
class Notebook:
    """Problems of one file, in the order found. Every question answers None (or nothing) after noting why."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def note(self, at: Node | int, message: str, *, tears: bool = False) -> None:
        """Something is wrong at a node or on a line; `tears`: a way of the process is lost with it."""
        line = at if isinstance(at, int) else at.line
        self.problems.append(Problem(file=self.file, line=line, message=message, tears=tears))

    def mapping(self, node: Node, what: str) -> Mapping | None:
        """The node as a mapping."""
        if isinstance(node, Mapping):
            return node
        self.note(node, f"{what} must be keys with values, not {described(node)}.", tears=True)
        return None

    def text(self, node: Node, what: str) -> str | None:
        """The node as a text that is not empty."""
        if isinstance(node, Scalar) and node.text.strip():
            return node.text.strip()
        self.note(node, f"{what} must be a text, not {described(node)}.")
        return None

    def code(self, node: Node, what: str) -> str | None:
        """The node as a code: `no answer` becomes `no_answer`."""
        written = self.text(node, what)
        return self.as_code(written, node.line, what) if written is not None else None

    def as_code(self, written: str, line: int, what: str) -> str | None:
        """A written name as the code it is stored by."""
        code = code_of(written)
        if is_code(code):
            return code
        self.note(line, f"{what} {written!r} cannot be a name. Use words of plain letters and digits, a letter first.")
        return None

    def whole_number(self, node: Node, what: str, least: int = 1) -> int | None:
        """The node as a whole number of at least `least`."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self.note(node, f"{what} must be a whole number of at least {least}, not {described(node)}.")
        return None

    def yes_or_no(self, node: Node, what: str) -> bool | None:
        """The node as true or false."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool):
            return value
        self.note(node, f"{what} must be true or false, not {described(node)}.")
        return None

    def one_of(self, node: Node, what: str, known: Collection[str]) -> str | None:
        """The node as one of a few words."""
        written = self.text(node, what)
        if written is None or written in known:
            return written
        hint = did_you_mean(written, known) or "."
        self.note(node, f"{what} cannot be {written!r}{hint} Known: {', '.join(known)}.")
        return None

    def parsed(self, node: Node, what: str, parse: Callable[[str], Value]) -> Value | None:
        """The node's text read by a parser that raises a sentence."""
        written = self.text(node, what)
        if written is None:
            return None
        try:
            return parse(written)
        except TaktasError as error:
            self.note(node, str(error))
            return None

    def unknown_keys(self, node: Mapping, what: str, known: Iterable[str]) -> None:
        """Note every key that does not belong there: nothing written is ever passed over."""
        listed = tuple(known)
        for key, line in node.lines.items():
            if key not in listed:
                hint = did_you_mean(key, listed) or "."
                self.note(line, f"{what} has no key {key!r}{hint} Known: {', '.join(listed)}.", tears=True)


def listed(node: Node | None) -> Iterator[Node]:
    """A list's items; a single node as the one item it is; nothing for nothing."""
    if isinstance(node, Listing):
        yield from node.items
    elif node is not None:
        yield node


def is_nothing(node: Node) -> bool:
    """Whether nothing was written: an empty value, or `{}`."""
    if isinstance(node, Mapping):
        return not node.entries
    return isinstance(node, Scalar) and node.value is None


def described(node: Node) -> str:
    """What a node is, for a message."""
    if isinstance(node, Listing):
        return "a list" if node.items else "an empty list"
    if isinstance(node, Mapping):
        return "keys with values" if node.entries else "nothing"
    return shortened(node.text) if node.text else "nothing"


def with_article(word: str) -> str:
    """`an employee`, `a campaign member`: a code as it is spoken of."""
    spoken = word.replace("_", " ")
    return f"an {spoken}" if spoken[:1] in "aeiou" else f"a {spoken}"


def shortened(text: str) -> str:
    """A text in quotes, cut where a message would become unreadable."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
