"""Reading the steps: one reader for what all have in common, one for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from standards.catalogue import SUBJECTS
from standards.notebook import is_nothing, listed, with_article
from standards.parsing.joins import parse_join
from standards.parsing.keys import HEARD, MOVES, STEP_ANYWHERE, STEP_KEYS, STEP_KINDS
from standards.parsing.page import Page
from standards.parsing.questions import parse_questions
from standards.parsing.routes import parse_routes
from standards.parsing.step_kinds import (
    parse_choices,
    parse_for_each,
    parse_outcomes,
    parse_records,
    parse_sets,
    parse_started,
)
from standards.parsing.transitions import parse_move, parse_transition
from standards.parsing.triggers import parse_deadlines, parse_first_of, parse_heard, parse_wait
from standards.process import Step, StepKind, Transition, WhenAnchorMoves
from standards.reading import Mapping, Node

LETTER_TO = ("policyholder", "payer", "client", "contact")
Facts = dict[str, Any]


def parse_steps(page: Page, node: Node) -> dict[str, Step]:
    """All steps by name, in the order written."""
    written = page.mapping(node, "steps")
    if written is None:
        return {}
    steps: dict[str, Step] = {}
    for key, each in written.entries.items():
        line = written.lines[key]
        name = page.as_code(key, line, "the step")
        if name in steps:
            page.note(line, f"the step {key!r} is written twice. Keep one of them.")
        elif name is not None:
            steps[name] = _step(page, name, each, line)
    return steps


def _step(page: Page, name: str, node: Node, line: int) -> Step:
    nothing_known = Step(name=name, kind=StepKind.TASK, line=line)
    written = page.mapping(node, f"the step {name!r}")
    if written is None:
        return nothing_known
    kind = _kind(page, name, written)
    if kind is None:
        return nothing_known
    page.unknown_keys(written, f"the step {name!r}", (kind, *STEP_ANYWHERE, *STEP_KEYS[kind]))
    facts = _common(page, name, written, kind) | _READERS[kind](page, written, name)
    return Step(name=name, kind=STEP_KINDS[kind], line=line, lines=dict(written.lines), **facts)


def _kind(page: Page, name: str, node: Mapping) -> str | None:
    given = [key for key in STEP_KINDS if key in node.entries]
    if len(given) == 1:
        return given[0]
    kinds = ", ".join(STEP_KINDS)
    said = f"says {' and '.join(given)}" if given else "does not say what it does"
    page.note(node, f"the step {name!r} {said}. It needs exactly one of {kinds}.", tears=True)
    return None


def _common(page: Page, name: str, node: Mapping, kind: str) -> Facts:
    entries = node.entries
    facts: Facts = {"goes_on": _goes_on(page, name, node, kind)}
    if "title" in entries:
        facts["title"] = page.title(entries["title"], f"the title of {name}")
    if "after" in entries:
        facts["after"] = parse_join(page, entries["after"], name)
    facts |= _limit(page, name, node)
    if "deadline" in entries and "deadline" in STEP_KEYS[kind]:
        facts["deadlines"] = parse_deadlines(page, entries["deadline"])
    if "on" in entries and "on" in STEP_KEYS[kind]:
        facts["on"] = parse_heard(page, entries["on"], f"on of {name}", HEARD)
    if "when anchor moves" in entries:
        facts |= _when_anchor_moves(page, entries["when anchor moves"])
    return facts


def _goes_on(page: Page, name: str, node: Mapping, kind: str) -> Transition:
    if not any(key in node.entries for key in MOVES):
        return Transition(line=node.line)
    return parse_transition(page, node, f"the step {name!r}", [key for key in MOVES if key in STEP_KEYS[kind]])


def _limit(page: Page, name: str, node: Mapping) -> Facts:
    at_most, then = node.entries.get("at most"), node.entries.get("then")
    if at_most is None and then is None:
        return {}
    if at_most is None or then is None:
        page.note(node, f"the step {name!r} needs at most and then together: how often, and what comes instead.")
        return {}
    limit = page.whole_number(at_most, f"at most of {name}")
    return {"at_most": limit or 1, "then": parse_move(page, then, f"then of {name}")}


def _when_anchor_moves(page: Page, node: Node) -> Facts:
    word = page.one_of(node, "when anchor moves", tuple(WhenAnchorMoves))
    return {"when_anchor_moves": WhenAnchorMoves(word)} if word in tuple(WhenAnchorMoves) else {}


def _task(page: Page, node: Mapping, name: str) -> Facts:
    entries = node.entries
    facts: Facts = {"action": page.code(entries["action"], f"the action of {name}")}
    outcomes = entries.get("outcomes")
    if outcomes is None or is_nothing(outcomes):
        page.note(node, f"the step {name!r} has no outcomes: nobody could finish it. Add outcomes.", tears=True)
    else:
        facts["outcomes"], facts["labels"] = parse_outcomes(page, outcomes, name)
    if "ask" in entries:
        facts["ask"] = parse_questions(page, entries["ask"], f"ask of {name}")
    if "assign" in entries:
        facts["assign"] = parse_routes(page, entries["assign"])
    if "no later than" in entries:
        facts["limit"] = page.anchored(entries["no later than"], "no later than")
    if "requires" in entries:
        codes = [page.code(item, f"requires of {name}") for item in listed(entries["requires"])]
        facts["requires"] = tuple(code for code in codes if code)
    return facts | parse_for_each(page, node, name)


def _send(page: Page, node: Mapping, name: str) -> Facts:
    facts: Facts = {"letter": page.code(node.entries["send"], f"the letter of {name}")}
    if "to" in node.entries:
        facts["letter_to"] = page.one_of(node.entries["to"], "to", LETTER_TO) or "client"
    return facts


def _start(page: Page, node: Mapping, name: str) -> Facts:
    return parse_started(page, node, name)


def _set(page: Page, node: Mapping, name: str) -> Facts:
    return {"sets": parse_sets(page, node.entries["set"], name)}


def _record(page: Page, node: Mapping, name: str) -> Facts:
    page.one_of(node.entries["record"], "record", ("next term",))
    if page.known_subject and "term" not in SUBJECTS[page.subject].reaches:
        page.note(
            node, f"{name} records a next term, but {with_article(page.subject)} leads to no term. Remove the step."
        )
    source = node.entries.get("from")
    return {"records": parse_records(page, source, name) if source is not None else {}}


def _wait(key: str) -> Callable[[Page, Mapping, str], Facts]:
    def read(page: Page, node: Mapping, name: str) -> Facts:
        return {"wait_for": parse_wait(page, node, key, _silent_goes_on(page, node))}

    return read


def _first_of(page: Page, node: Mapping, name: str) -> Facts:
    return {"wait_for": parse_first_of(page, node.entries["first of"], _silent_goes_on(page, node))}


def _silent_goes_on(page: Page, node: Mapping) -> Transition:
    """The step's own transition once more: its problems were noted when it was read for the step."""
    silent = Page(file=page.file, subject=page.subject, fields=page.fields)
    return parse_transition(silent, node, "", MOVES)


def _choose(page: Page, node: Mapping, name: str) -> Facts:
    return {"choices": parse_choices(page, node.entries["choose"], name)}


_READERS: dict[str, Callable[[Page, Mapping, str], Facts]] = {
    "action": _task,
    "send": _send,
    "start": _start,
    "set": _set,
    "record": _record,
    "wait": _wait("wait"),
    "wait until": _wait("wait until"),
    "wait for": _wait("wait for"),
    "first of": _first_of,
    "choose": _choose,
}
