"""Reading what a case waits for: happenings, spans, moments, deadlines beside a step."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import did_you_mean
from standards import catalogue
from standards.catalogue import HAPPENINGS
from standards.condition import ALWAYS, Condition
from standards.notebook import is_nothing, listed, with_article
from standards.parsing.conditions import parse_condition
from standards.parsing.keys import DEADLINE, DEADLINE_KINDS, FIRST_OF, MOVES, TRIGGER_KINDS
from standards.parsing.page import Page
from standards.parsing.transitions import parse_transition
from standards.process import Transition, Trigger
from standards.reading import Listing, Mapping, Node


def parse_happening(page: Page, written: str, line: int) -> str | None:
    """A kind of happening that a case about this subject hears."""
    kind = written.strip()
    if not catalogue.is_happening(kind):
        hint = did_you_mean(kind, HAPPENINGS) or "."
        page.note(line, f"nothing reports {kind!r}{hint} Name a happening of the catalogue, or custom. and a word.")
        return None
    if page.known_subject and not catalogue.hears(page.subject, kind):
        about = " or ".join(with_article(subject) for subject in HAPPENINGS[kind].subjects)
        page.note(line, f"{kind} befalls {about}, which a process about {with_article(page.subject)} does not hear of.")
        return None
    return kind


def parse_heard(page: Page, node: Node, what: str, keys: Sequence[str]) -> tuple[Trigger, ...]:
    """The happenings under `on`, each with what it leads to."""
    written = page.mapping(node, what)
    if written is None:
        return ()
    read = [_heard(page, kind, each, written.lines[kind], keys) for kind, each in written.entries.items()]
    return tuple(trigger for trigger in read if trigger is not None)


def _heard(page: Page, kind: str, node: Node, line: int, keys: Sequence[str]) -> Trigger | None:
    happening = parse_happening(page, kind, line)
    if is_nothing(node):
        return Trigger(name=kind, happening=happening, line=line) if happening else None
    written = page.mapping(node, f"on {kind}")
    if written is None:
        return None
    page.unknown_keys(written, f"on {kind}", keys)
    return Trigger(
        name=kind,
        happening=happening or kind,
        keeps=_keeps(page, written),
        condition=_where(page, written),
        transition=parse_transition(page, written, f"on {kind}", MOVES),
        line=line,
    )


def parse_wait(page: Page, node: Mapping, key: str, goes_on: Transition) -> tuple[Trigger, ...]:
    """The one thing that `wait`, `wait until` or `wait for` waits for."""
    value = node.entries[key]
    match key:
        case "wait":
            span = page.duration(value, "wait")
            return (Trigger(name=f"in {span}", span=span, transition=goes_on, line=value.line),)
        case "wait until":
            moment = page.anchored(value, "wait until")
            return (Trigger(name=f"at {moment}", moment=moment, transition=goes_on, line=value.line),) if moment else ()
        case _:
            written = page.text(value, "wait for")
            happening = parse_happening(page, written, value.line) if written else None
            if written is None:
                return ()
            name = happening or written
            condition = _where(page, node)
            return (Trigger(name=name, happening=name, condition=condition, transition=goes_on, line=value.line),)


def parse_first_of(page: Page, node: Node, goes_on: Transition) -> tuple[Trigger, ...]:
    """What races: whichever comes first; one that says nothing of its own goes where the step goes."""
    if not isinstance(node, Listing) or len(node.items) < 2:
        page.note(
            node,
            "first of must list at least two things that can come first. For a single one write wait for.",
            tears=True,
        )
        return ()
    read = [_racer(page, item, goes_on) for item in node.items]
    racers = tuple(trigger for trigger in read if trigger is not None)
    _each_once(page, racers, "first of")
    return racers


def _racer(page: Page, node: Node, goes_on: Transition) -> Trigger | None:
    written = page.mapping(node, "first of")
    if written is None:
        return None
    page.unknown_keys(written, "first of", FIRST_OF)
    return _timed(page, written, "first of", TRIGGER_KINDS, goes_on)


def parse_deadlines(page: Page, node: Node) -> tuple[Trigger, ...]:
    """The deadlines beside a step, one or several."""
    read = [_deadline(page, item) for item in listed(node)]
    deadlines = tuple(trigger for trigger in read if trigger is not None)
    _each_once(page, deadlines, "deadline")
    return deadlines


def _deadline(page: Page, node: Node) -> Trigger | None:
    written = page.mapping(node, "deadline")
    if written is None:
        return None
    page.unknown_keys(written, "deadline", DEADLINE)
    _limited_only_when_repeating(page, written)
    return _timed(page, written, "deadline", DEADLINE_KINDS, Transition(line=written.line))


def _limited_only_when_repeating(page: Page, node: Mapping) -> None:
    if "every" in node.entries:
        if "at most" not in node.entries:
            page.note(node, "a deadline that rings every so often needs a limit. Add at most:.")
        if node.entries.get("keep") is None or not _keeps(page, node):
            page.note(node, "a deadline that rings every so often would close its step the first time. Add keep: true.")
    elif "at most" in node.entries:
        page.note(node.lines["at most"], "only a deadline with every can be limited by at most. Remove it.")


def _timed(page: Page, node: Mapping, what: str, kinds: Sequence[str], otherwise: Transition) -> Trigger | None:
    given = [key for key in kinds if key in node.entries]
    if len(given) != 1:
        page.note(node, f"{what} needs exactly one of {', '.join(kinds)}.", tears=True)
        return None
    moves = any(key in node.entries for key in MOVES)
    trigger = _counted(page, node, given[0], what)
    if trigger is None:
        return None
    return Trigger(
        name=trigger.name,
        happening=trigger.happening,
        span=trigger.span,
        moment=trigger.moment,
        every=trigger.every,
        at_most=_rings(page, node, given[0]),
        keeps=_keeps(page, node) if what == "deadline" else False,
        condition=_where(page, node),
        transition=parse_transition(page, node, what, MOVES) if moves else otherwise,
        line=node.line,
    )


def _rings(page: Page, node: Mapping, kind: str) -> int | None:
    if kind != "every" or "at most" not in node.entries:
        return None
    return page.whole_number(node.entries["at most"], "deadline at most")


def _counted(page: Page, node: Mapping, kind: str, what: str) -> Trigger | None:
    value = node.entries[kind]
    match kind:
        case "on":
            written = page.text(value, f"{what} on")
            if written is None:
                return None
            happening = parse_happening(page, written, value.line) or written
            return Trigger(name=happening, happening=happening)
        case "at":
            moment = page.anchored(value, f"{what} at")
            return Trigger(name=f"at {moment}", moment=moment) if moment else None
        case "every":
            span = page.duration(value, f"{what} every")
            return Trigger(name=f"every {span}", every=span)
        case _:
            span = page.duration(value, f"{what} in")
            return Trigger(name=f"in {span}", span=span)


def _keeps(page: Page, node: Mapping) -> bool:
    return "keep" in node.entries and page.yes_or_no(node.entries["keep"], "keep") is True


def _where(page: Page, node: Mapping) -> Condition:
    return parse_condition(page, node.entries["where"], "where") if "where" in node.entries else ALWAYS


def _each_once(page: Page, triggers: Sequence[Trigger], what: str) -> None:
    seen: set[str] = set()
    for trigger in triggers:
        if trigger.name in seen:
            page.note(trigger.line, f"{what} lists {trigger.name!r} twice. Keep one of them.")
        seen.add(trigger.name)
