"""Reading what belongs to one kind of step only."""

from __future__ import annotations

from typing import Any

from core.errors import did_you_mean
from standards.catalogue import RECORDABLE, Field, FieldType
from standards.condition import ALWAYS
from standards.notebook import described
from standards.parsing.conditions import parse_condition, plain_value
from standards.parsing.keys import CHOICE, LAUNCH_OF_STEP, LIMITED_MOVES, OTHERWISE
from standards.parsing.launches import parse_launch, parse_list_path
from standards.parsing.page import Page
from standards.parsing.transitions import parse_limited, parse_move, parse_outcome, parse_transition
from standards.process import Assignment, Choice, ForEach, Transition
from standards.reading import Listing, Mapping, Node, Scalar

Facts = dict[str, Any]


def parse_outcomes(page: Page, node: Node, name: str) -> tuple[dict[str, Transition], dict[str, dict[str, str]]]:
    """The outcomes of a person's task, and their labels."""
    return _by_name(page, node, name, parse_outcome)


def _by_name(page: Page, node: Node, name: str, read: Any) -> tuple[dict[str, Transition], dict[str, dict[str, str]]]:
    written = page.mapping(node, f"outcomes of {name}")
    transitions: dict[str, Transition] = {}
    labels: dict[str, dict[str, str]] = {}
    for key, each in written.entries.items() if written else ():
        outcome = page.as_code(key, each.line, "the outcome")
        if outcome is None:
            continue
        if outcome in transitions:
            page.note(each, f"the outcome {key!r} of {name} is written twice. Keep one of them.")
        transitions[outcome] = read(page, each, f"the outcome {key!r}")
        label = each.entries.get("label") if isinstance(each, Mapping) else None
        if label is not None:
            labels[outcome] = page.title(label, f"the label of {key!r}")
    return transitions, labels


def parse_started(page: Page, node: Mapping, name: str) -> Facts:
    """A step that starts another process, and what the ends of a waited-for process lead to."""
    launch = parse_launch(page, node.entries["start"], LAUNCH_OF_STEP)
    started = node.entries["start"]
    waiting = started.entries.get("wait") if isinstance(started, Mapping) else None
    waits = waiting is not None and page.yes_or_no(waiting, "wait of start") is True
    facts: Facts = {"launch": launch, "launch_waits": waits}
    outcomes = node.entries.get("outcomes")
    if outcomes is None:
        return facts
    facts["outcomes"], _ = _by_name(page, outcomes, name, parse_limited)
    if not waits or (launch is not None and launch.for_each):
        page.note(outcomes, f"{name} has outcomes, but only a step that waits for a single sub-process learns its end.")
    return facts


def parse_for_each(page: Page, node: Mapping, name: str) -> Facts:
    """One task for each member of a list, and how many must be done before the step goes on."""
    path_node, proceed = node.entries.get("for each"), node.entries.get("proceed when")
    if path_node is None:
        if proceed is not None:
            page.note(proceed, f"{name} says proceed when without for each. Remove it, or name the list.")
        return {}
    path = page.text(path_node, "for each")
    if path is None:
        return {}
    parse_list_path(page, path, path_node.line, of_subjects=False)
    count = _proceeds(page, proceed) if proceed is not None else None
    return {"for_each": ForEach(path=path, proceed=count, line=path_node.line)}


def _proceeds(page: Page, node: Node) -> int | None:
    if isinstance(node, Scalar) and node.text in {"all", "any"}:
        return None if node.text == "all" else 1
    return page.whole_number(node, "proceed when (all, any or a number)")


def parse_choices(page: Page, node: Node, name: str) -> tuple[Choice, ...]:
    """The ways of a choice, in order; the last is `otherwise`, so that one always holds."""
    if not isinstance(node, Listing) or not node.items:
        page.note(node, f"choose of {name} must list its ways, not {described(node)}.", tears=True)
        return ()
    choices = [_choice(page, item, name) for item in node.items]
    others = [isinstance(item, Mapping) and OTHERWISE in item.entries for item in node.items]
    if others.count(True) != 1 or not others[-1]:
        page.note(node, f"choose of {name} must end with its one otherwise, so that a way is always open.")
    return tuple(choice for choice in choices if choice is not None)


def _choice(page: Page, node: Node, name: str) -> Choice | None:
    written = page.mapping(node, f"a way of {name}")
    if written is None:
        return None
    if OTHERWISE in written.entries:
        page.unknown_keys(written, "otherwise", (OTHERWISE,))
        return Choice(condition=ALWAYS, transition=parse_move(page, written.entries[OTHERWISE], "otherwise"))
    page.unknown_keys(written, f"a way of {name}", CHOICE)
    if "when" not in written.entries:
        page.note(written, f"a way of {name} says neither when nor otherwise. Add one of them.", tears=True)
        return None
    condition = parse_condition(page, written.entries["when"], "when")
    return Choice(condition=condition, transition=parse_transition(page, written, f"a way of {name}", LIMITED_MOVES))


def parse_sets(page: Page, node: Node, name: str) -> tuple[Assignment, ...]:
    """The fields a step sets, and to what."""
    written = page.mapping(node, f"set of {name}")
    if written is None:
        return ()
    if not written.entries:
        page.note(written, f"set of {name} sets nothing. Name a field and its value.")
    read = [_assignment(page, path, each, written.lines[path]) for path, each in written.entries.items()]
    return tuple(assignment for assignment in read if assignment is not None)


def _assignment(page: Page, path: str, node: Node, line: int) -> Assignment | None:
    known = page.field(path, line)
    if known is None:
        return None
    if not known.is_settable:
        settable = [each.path for each in page.fields.values() if each.is_settable]
        hint = did_you_mean(path, settable) or "."
        page.note(line, f"a step cannot set {path}{hint} It can set: {', '.join(settable) or 'nothing here'}.")
        return None
    if isinstance(node, Mapping):
        return _copied(page, known, node, line)
    if isinstance(node, Scalar) and node.text == "today" and known.type.is_anchor:
        return Assignment(path=path, is_today=True, line=line)
    value = plain_value(page, known, node)
    return Assignment(path=path, value=value, line=line) if value is not None else None


def _copied(page: Page, known: Field, node: Mapping, line: int) -> Assignment | None:
    page.unknown_keys(node, f"the value of {known.path}", ("from",))
    source = page.named(node, "from", f"the value of {known.path}", page.text)
    if source is None or not _fits(page, known.path, known.type, source, line):
        return None
    return Assignment(path=known.path, from_path=source, line=line)


def _fits(page: Page, target: str, wanted: FieldType, source: str, line: int) -> bool:
    known = page.field(source, line)
    if known is None:
        return False
    if known.type is wanted or {known.type, wanted} <= {FieldType.DATE, FieldType.MOMENT}:
        return True
    page.note(line, f"{target} is a {wanted.value} and cannot be taken from {source}, a {known.type.value}.")
    return False


def parse_records(page: Page, node: Node, name: str) -> dict[str, str]:
    """Which facts of the next term come from where."""
    written = page.mapping(node, f"from of {name}")
    records: dict[str, str] = {}
    for fact, each in written.entries.items() if written else ():
        line = each.line
        source = page.text(each, f"from {fact}")
        if fact not in RECORDABLE:
            hint = did_you_mean(fact, RECORDABLE) or "."
            page.note(line, f"a next term cannot be given {fact!r}{hint} Known: {', '.join(RECORDABLE)}.")
        elif source is not None and _fits(page, fact, RECORDABLE[fact], source, line):
            records[fact] = source
    return records
