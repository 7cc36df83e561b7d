"""Reading where a case goes: next, repeat, end, and what is asked, limited and cancelled on the way."""

from __future__ import annotations

from collections.abc import Collection

from standards.notebook import is_nothing, listed
from standards.parsing.keys import DESTINATIONS, LIMITED_MOVES, MOVES, OUTCOME
from standards.parsing.page import Page
from standards.parsing.questions import parse_questions
from standards.process import EVERYTHING, Transition
from standards.reading import Mapping, Node, Scalar


def parse_outcome(page: Page, node: Node, what: str) -> Transition:
    """What an outcome of a person's task leads to."""
    return _whole(page, node, what, OUTCOME)


def parse_limited(page: Page, node: Node, what: str) -> Transition:
    """What a sub-process's end or a choice leads to: nobody is asked, but it can be limited."""
    return _whole(page, node, what, LIMITED_MOVES)


def parse_move(page: Page, node: Node, what: str) -> Transition:
    """A step's name, or a transition without a person."""
    if isinstance(node, Scalar) and not is_nothing(node):
        step = page.code(node, what)
        return Transition(next=(step,) if step else (), line=node.line)
    return _whole(page, node, what, MOVES)


def _whole(page: Page, node: Node, what: str, keys: Collection[str]) -> Transition:
    if is_nothing(node):
        return Transition(line=node.line)
    written = page.mapping(node, what)
    if written is None:
        return Transition(line=node.line)
    page.unknown_keys(written, what, keys)
    return parse_transition(page, written, what, keys)


def parse_transition(page: Page, node: Mapping, what: str, keys: Collection[str]) -> Transition:
    """The transition among a mapping's keys; keys that are not in `keys` are left to the caller."""
    entries = {key: each for key, each in node.entries.items() if key in keys}
    _one_destination(page, node, what, entries)
    _fitting_company(page, node, what, entries)
    moves_to = "move to" in entries
    return Transition(
        next=_steps(page, entries.get("move to" if moves_to else "next"), what),
        repeat_in=page.duration(entries["repeat in"], f"{what} repeat in") if "repeat in" in entries else None,
        repeat_now="repeat" in entries and _is_now(page, entries["repeat"], what),
        end=page.code(entries["end"], f"{what} end") if "end" in entries else None,
        reason=page.code(entries["reason"], f"{what} reason") if "reason" in entries else None,
        ask=parse_questions(page, entries["ask"], f"{what} ask") if "ask" in entries else (),
        at_most=_limit(page, entries, what),
        then=parse_move(page, entries["then"], f"{what} then") if "then" in entries else None,
        cancel=EVERYTHING if moves_to else _cancelled(page, entries.get("cancel"), what),
        line=next((node.lines[key] for key in DESTINATIONS if key in entries), node.line),
    )


def _is_now(page: Page, node: Node, what: str) -> bool:
    """Whatever is written, a repeat was meant."""
    page.one_of(node, f"{what} repeat", ("now",))
    return True


def _limit(page: Page, entries: dict[str, Node], what: str) -> int | None:
    """How often the way may be taken; one that was meant to be limited stays so when its number is wrong."""
    if "at most" in entries:
        return page.whole_number(entries["at most"], f"{what} at most") or 1
    return 1 if "then" in entries else None


def _steps(page: Page, node: Node | None, what: str) -> tuple[str, ...]:
    names = [page.code(item, f"{what} next") for item in listed(node)]
    found = tuple(dict.fromkeys(name for name in names if name is not None))
    if node is not None and not names:
        page.note(
            node, f"{what} next lists no step. Name one, or leave next out to finish the branch here.", tears=True
        )
    return found


def _cancelled(page: Page, node: Node | None, what: str) -> tuple[str, ...]:
    if isinstance(node, Scalar) and node.text.strip() == "everything":
        return EVERYTHING
    names = [page.code(item, f"{what} cancel") for item in listed(node)]
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _one_destination(page: Page, node: Mapping, what: str, entries: dict[str, Node]) -> None:
    given = [key for key in DESTINATIONS if key in entries]
    if len(given) > 1:
        page.note(node, f"{what} says {' and '.join(given)}; a case can only go one way. Keep one of them.", tears=True)


def _fitting_company(page: Page, node: Mapping, what: str, entries: dict[str, Node]) -> None:
    """Keys that mean nothing without, or beside, another one."""
    for key, needed, why in _COMPANY:
        if key in entries and not any(other in entries for other in needed):
            page.note(node.lines[key], f"{what} has {key!r} without {' or '.join(needed)}: {why}")
    for key, other, why in _CLASHES:
        if key in entries and other in entries:
            page.note(node.lines[key], f"{what} has both {key!r} and {other!r}: {why}")


_COMPANY = (
    ("at most", ("next", "repeat in", "repeat", "move to"), "there is nothing to limit. Remove it."),
    ("at most", ("then",), "say what comes when the limit is reached."),
    ("then", ("at most",), "say how often before it comes."),
    ("reason", ("end",), "a reason belongs to an end. Remove it, or end the case here."),
)
_CLASHES = (
    ("cancel", "end", "an end cancels whatever is left. Remove cancel."),
    ("cancel", "move to", "moving cancels everything else already. Remove cancel."),
)
