"""A process file becomes the values it describes, construct by construct."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from standards.condition import ALWAYS, Compare, Operator
from standards.parsing import parse_process, process_of
from standards.problem import DefinitionsNotValid
from standards.process import (
    EVERYTHING,
    AnswerType,
    Assignment,
    Group,
    Join,
    Launch,
    Process,
    Question,
    Route,
    RouteKind,
    Start,
    StartKind,
    Step,
    StepKind,
    Transition,
    Trigger,
    WhenAnchorMoves,
)
from standards.working_time.duration import AnchoredMoment, Direction, Duration, Unit, parse_anchored, parse_duration

Written = Callable[[str, str], str]


@pytest.fixture
def process(written: Written) -> Callable[[str, str], Process]:
    """The process of some lines at some place."""
    return lambda place, text: process_of(written(place, text))


@pytest.fixture
def step(process: Callable[[str, str], Process]) -> Callable[[str], Step]:
    """The step `other` of some lines."""
    return lambda text: process("step", text).steps["other"]


@pytest.fixture
def outcome(process: Callable[[str, str], Process]) -> Callable[[str], Transition]:
    """The transition of the outcome `other` of some lines."""
    return lambda text: process("outcome", text).steps["call"].outcomes["other"]


def test_the_head_of_a_process() -> None:
    """Names become codes, the comment says what it is about, the first step begins, the cycle is the subject's."""
    process = process_of(
        "# Calling.\nprocess: New Sale\ntitle: {en: Sale, lt: Pardavimas}\nsubject: term\nstart: {by hand: true}\n"
        "steps:\n  first call:\n    action: call\n    outcomes: {done: {end: won}}\nends: {won: {success: true}}\n"
    )

    assert process.name == "new_sale"
    assert process.title == {"en": "Sale", "lt": "Pardavimas"}
    assert process.about == "Calling."
    assert process.begin == ("first_call",)
    assert process.cycle == "term"
    assert process.ends["won"].success is True


@pytest.mark.parametrize(
    ("subject", "cycle"),
    [
        ("term", "term"),
        ("receivable", "receivable"),
        ("interaction", "interaction"),
        ("claim", "claim"),
        ("alert", "alert"),
        ("campaign_member", "campaign"),
        ("client", "start"),
        ("policy", "start"),
        ("programme", "start"),
        ("employee", "start"),
        ("period", "start"),
    ],
)
def test_the_cycle_of_a_process_that_names_none(written: Written, subject: str, cycle: str) -> None:
    """What makes a repetition a new one follows from the subject."""
    process, _ = parse_process(written("head", f"process: p\ntitle: A process\nsubject: {subject}"), "p.yaml")

    assert process is not None
    assert process.cycle == cycle


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [
        ("{end: won, reason: price}", Transition(end="won", reason="price")),
        (
            "{next: call, at most: 2, then: {end: won}}",
            Transition(next=("call",), at_most=2, then=Transition(end="won")),
        ),
        (
            "{repeat in: 3 working days, at most: 3, then: call}",
            Transition(repeat_in=parse_duration("3 working days"), at_most=3, then=Transition(next=("call",))),
        ),
        ("{repeat: now, at most: 1, then: {}}", Transition(repeat_now=True, at_most=1, then=Transition())),
        ("{next: [call, call]}", Transition(next=("call",))),
        ("{cancel: [call]}", Transition(cancel=("call",))),
        ("{next: [call], cancel: everything}", Transition(next=("call",), cancel=EVERYTHING)),
        ("{move to: call}", Transition(next=("call",), cancel=EVERYTHING)),
        ("{}", Transition()),
        ("", Transition()),
    ],
)
def test_where_an_outcome_leads(outcome: Callable[[str], Transition], written_as: str, expected: Transition) -> None:
    """Next, repeat, end; limits; cancelling; or nothing, which finishes the branch."""
    assert outcome(written_as) == expected
    assert expected.finishes_branch is (
        not (expected.next or expected.repeat_in or expected.repeat_now or expected.end)
    )


def test_what_an_outcome_asks_for(outcome: Callable[[str], Transition]) -> None:
    """Types, choices, lists of the house, several choices, and what may be left out."""
    found = outcome(
        "{end: won, ask: {reason: [price, Too late], premium: money, due: 'date, optional', sure: yes or no, "
        "size: {type: number, optional: true}, insurers: {any of: insurers}, cause: {one of: complaint_causes}}}"
    )

    assert found.ask == (
        Question(name="reason", type=AnswerType.CODE, choices=("price", "too_late")),
        Question(name="premium", type=AnswerType.MONEY),
        Question(name="due", type=AnswerType.DATE, optional=True),
        Question(name="sure", type=AnswerType.YES_NO),
        Question(name="size", type=AnswerType.NUMBER, optional=True),
        Question(name="insurers", type=AnswerType.CODES, code_list="insurers"),
        Question(name="cause", type=AnswerType.CODE, code_list="complaint_causes"),
    )


def test_a_persons_task(process: Callable[[str, str], Process]) -> None:
    """Limit, what moves with its anchor, routes in order, papers it needs, what is always asked."""
    task = process(
        "task",
        "title: {en: 'Call {policyholder.name}', lt: 'Paskambinti {policyholder.name}'}\n"
        "no later than: 3 working days before term.expires_on\n"
        "when anchor moves: ask\n"
        "requires: [mandate, know your client]\n"
        "ask: {minutes: number}\n"
        "assign: [client.handler, case.owner, {team: sales, by: load}, {team: sales, by: turn}, {queue: sales}, queue]",
    ).steps["call"]

    assert task.kind is StepKind.TASK
    assert task.title["lt"] == "Paskambinti {policyholder.name}"
    assert task.limit == parse_anchored("3 working days before term.expires_on")
    assert task.when_anchor_moves is WhenAnchorMoves.ASK
    assert task.requires == ("mandate", "know_your_client")
    assert task.ask == (Question(name="minutes", type=AnswerType.NUMBER),)
    assert task.assign == (
        Route(kind=RouteKind.ROLE, path="client.handler"),
        Route(kind=RouteKind.ROLE, path="case.owner"),
        Route(kind=RouteKind.BY_LOAD, team="sales"),
        Route(kind=RouteKind.BY_TURN, team="sales"),
        Route(kind=RouteKind.QUEUE, team="sales"),
        Route(kind=RouteKind.QUEUE),
    )


def test_a_task_for_each_member(process: Callable[[str, str], Process]) -> None:
    """How many members must be done before the step goes on."""
    for word, count in (("all", None), ("any", 1), ("2", 2)):
        found = process("task", f"for each: term.receivables\nproceed when: {word}\nend: won").steps["call"]

        assert found.for_each is not None
        assert (found.for_each.path, found.for_each.proceed) == ("term.receivables", count)
        assert found.goes_on == Transition(end="won")


def test_letters_settings_and_next_terms(step: Callable[[str], Step]) -> None:
    """What a step does by itself, and where it goes on."""
    letter = step("send: renewal_reminder\nto: policyholder\nat most: 1\nthen: call\nend: won")
    setting = step("set: {term.notice_by: today, term.placed: elsewhere, client.tier: {from: client.tier}}\nend: won")
    record = step("record: next term\nfrom: {premium_gross: term.premium_gross}\nend: won")

    assert (letter.letter, letter.letter_to, letter.at_most) == ("renewal_reminder", "policyholder", 1)
    assert letter.then == Transition(next=("call",))
    assert letter.goes_on == Transition(end="won")
    assert setting.sets == (
        Assignment(path="term.notice_by", is_today=True),
        Assignment(path="term.placed", value="elsewhere"),
        Assignment(path="client.tier", from_path="client.tier"),
    )
    assert record.records == {"premium_gross": "term.premium_gross"}


def test_starting_another_process(step: Callable[[str], Step]) -> None:
    """With and without waiting, for one or for each."""
    waited = step("start: {process: New Sale, for: client, wait: true}\noutcomes: {won: {end: won}}\nend: won")
    launched = step("start: {process: dun, for each: term.receivables}\nend: won")

    assert waited.launch == Launch(process="new_sale", for_path="client")
    assert waited.launch_waits
    assert waited.outcomes == {"won": Transition(end="won")}
    assert launched.launch == Launch(process="dun", for_each="term.receivables")
    assert not launched.launch_waits


def test_waiting(step: Callable[[str], Step]) -> None:
    """For a span, for a moment, for a happening, for whichever comes first."""
    won = Transition(end="won")

    span = step("wait: 3 days\nend: won")
    moment = step("wait until: 2 days before term.expires_on\nend: won")
    happening = step("wait for: client.answered\nwhere: {client.tier: vip}\nend: won")
    race = step("first of:\n  - on: client.answered\n  - in: 1 day\n    next: call\n  - at: term.expires_on\nend: won")

    vip = Compare(path="client.tier", operator=Operator.EQUAL, value="vip")
    assert span.wait_for == (Trigger(name="in 3 days", span=parse_duration("3 days"), transition=won),)
    assert moment.wait_for[0].moment == parse_anchored("2 days before term.expires_on")
    assert happening.wait_for == (
        Trigger(name="client.answered", happening="client.answered", condition=vip, transition=won),
    )
    assert race.wait_for == (
        Trigger(name="client.answered", happening="client.answered", transition=won),
        Trigger(name="in 1 day", span=parse_duration("1 day"), transition=Transition(next=("call",))),
        Trigger(name="at term.expires_on", moment=parse_anchored("term.expires_on"), transition=won),
    )


def test_deadlines_and_happenings_beside_a_step(process: Callable[[str, str], Process]) -> None:
    """Reminders that ring several times, deadlines that close the step, happenings that move it."""
    call = process(
        "task",
        "deadline:\n"
        "  - {every: 1 day, at most: 6, keep: true, next: call}\n"
        "  - {at: 1 day before term.expires_on, where: {client.tier: vip}, end: won}\n"
        "on:\n  term.ended: {keep: true, next: call}\n  client.blacklisted:",
    ).steps["call"]

    repeated, last = call.deadlines
    assert (repeated.every, repeated.at_most, repeated.keeps) == (Duration(value=1, unit=Unit.DAY), 6, True)
    assert last.moment == parse_anchored("1 day before term.expires_on")
    assert last.condition != ALWAYS
    assert not last.keeps
    assert call.on == (
        Trigger(name="term.ended", happening="term.ended", keeps=True, transition=Transition(next=("call",))),
        Trigger(name="client.blacklisted", happening="client.blacklisted"),
    )


def test_a_moment_counted_from_a_step_names_it_by_its_code(step: Callable[[str], Step]) -> None:
    """However the step is written."""
    found = step("wait until: 2 days after step Call completed\nend: won")

    assert found.wait_for[0].moment == AnchoredMoment(
        duration=Duration(value=2, unit=Unit.DAY), direction=Direction.AFTER, anchor="step call completed"
    )


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [
        ("[call]", Join(steps=("call",))),
        ("{all of: [call, call]}", Join(steps=("call",))),
        ("{any of: [call], cancel the rest: true}", Join(steps=("call",), count=1, cancels_rest=True)),
        (
            "{2 of: [call, send], otherwise: {end: won}}",
            Join(steps=("call", "send"), count=2, otherwise=Transition(end="won")),
        ),
    ],
)
def test_branches_that_meet(step: Callable[[str], Step], written_as: str, expected: Join) -> None:
    """All, any or so many of them."""
    assert step(f"send: hello\nafter: {written_as}\nend: won").after == expected


def test_choosing_by_what_is_known(step: Callable[[str], Step]) -> None:
    """The first way whose condition holds; the last is always open."""
    ways = step(
        "choose:\n  - when: {client.tier: vip}\n    next: call\n    at most: 1\n    then: {end: won}\n"
        "  - otherwise: call"
    ).choices

    assert ways[0].transition == Transition(next=("call",), at_most=1, then=Transition(end="won"))
    assert ways[1].condition == ALWAYS
    assert ways[1].transition == Transition(next=("call",))


def test_ways_to_begin(process: Callable[[str, str], Process]) -> None:
    """By schedule over a selection, by a happening, by hand."""
    scheduled, heard, by_hand = process(
        "start",
        "- schedule: every monday at 06:00\n"
        "  when: 45 days before term.expires_on\n"
        "  where: {term.placed: by us}\n"
        "  leave out:\n"
        "    no owner: {client.account_manager: {is empty: true}}\n"
        "    blacklisted: {client.is_blacklisted: true}\n"
        "  group: client within 30 days\n"
        "  assign: client.account_manager\n"
        "- {on: term.notice_received, where: {client.tier: vip}}\n"
        "- {by hand: true}",
    ).starts

    assert scheduled.kind is StartKind.SCHEDULE
    assert str(scheduled.schedule) == "every monday at 06:00"
    assert scheduled.when == parse_anchored("45 days before term.expires_on")
    assert list(scheduled.leave_out) == ["no_owner", "blacklisted"]
    assert scheduled.group == Group(by="client", within=Duration(value=30, unit=Unit.DAY))
    assert scheduled.assign == (Route(kind=RouteKind.ROLE, path="client.account_manager"),)
    assert (heard.kind, heard.happening) == (StartKind.HAPPENING, "term.notice_received")
    assert by_hand == Start(kind=StartKind.BY_HAND)


def test_a_programme_is_one_task(process: Callable[[str, str], Process]) -> None:
    """Fleets and households."""
    assert process("selection", "group: programme").starts[0].group == Group(by="programme")


def test_a_list_begins_a_case_for_each_member() -> None:
    """The members of a campaign."""
    process = process_of(
        "process: campaign\ntitle: Campaign\nsubject: campaign_member\nstart: {list: campaign.members}\n"
        "steps:\n  call:\n    action: call\n    outcomes: {done: {end: won}}\nends: {won: {success: not counted}}\n"
    )

    assert process.starts[0].kind is StartKind.LIST
    assert process.starts[0].list_path == "campaign.members"
    assert process.ends["won"].success is None


def test_ends_that_start_something(process: Callable[[str, str], Process]) -> None:
    """One process or several."""
    ends = process(
        "ends",
        "won:\n  success: true\n  title: Won\n"
        "  start:\n    - {process: invoice, for each: next_term.receivables}\n    - {process: renewal, for: term}",
    ).ends

    assert ends["won"].title == {"en": "Won"}
    assert ends["won"].launches == (
        Launch(process="invoice", for_each="next_term.receivables"),
        Launch(process="renewal", for_path="term"),
    )


def test_a_faulty_definition_is_not_handed_out() -> None:
    """Whoever reads a stored definition gets the process or an error, never half of one."""
    with pytest.raises(DefinitionsNotValid, match="There are 5 problems"):
        process_of("process: p\n")


def test_steps_know_the_joins_that_wait_for_them(process: Callable[[str, str], Process]) -> None:
    """So that a branch that finishes arrives where it is awaited."""
    found = process(
        "steps",
        "call:\n  action: call\n  outcomes: {done: {}}\nother:\n  send: hello\n  after: [call]\n  end: won",
    )

    assert found.joins_of == {"call": ("other",), "other": ()}
