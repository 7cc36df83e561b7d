"""Files of service standards: read into one book, everything wrong in them told at once."""

from __future__ import annotations

from textwrap import dedent

import pytest

from standards.lists import CodedList, Lists
from standards.process import Process, Step, StepKind
from standards.reading import read_yaml
from standards.service.checking import check_book, known_work
from standards.service.reading import read_book
from standards.service.standard import DEFAULT_ORDER, Dimension, StandardBook


def read(*sources: str) -> tuple[StandardBook, list[str]]:
    """The book of some files named 1.yaml, 2.yaml …, and its problems."""
    nodes = [(f"{n}.yaml", read_yaml(dedent(source), f"{n}.yaml")[0]) for n, source in enumerate(sources, start=1)]
    book, problems = read_book(nodes)
    return book, [str(problem) for problem in problems]


def check(*sources: str) -> list[str]:
    """The problems of a book that could be read, in a house with a renewal of calls and offers and two tiers."""
    book, problems = read(*sources)
    assert problems == []
    return [str(problem) for problem in check_book(book, known_work([RENEWAL], TIERS))]


RENEWAL = Process(
    name="renewal",
    title={"en": "Renewal"},
    subject="term",
    cycle="term",
    starts=(),
    begin=("call",),
    steps={
        "call": Step(name="call", kind=StepKind.TASK, action="call"),
        "offer": Step(name="offer", kind=StepKind.TASK, action="offer"),
        "letter": Step(name="letter", kind=StepKind.SEND, letter="reminder"),
    },
    on=(),
    ends={},
)
TIERS = Lists(lists={"tiers": CodedList(name="tiers", labels={"vip": {}, "standard": {}})})


def test_a_file_of_standards_becomes_a_book() -> None:
    """Names, scope, fields and lines are kept."""
    book, problems = read(
        """\
        standards:
          calls to vip clients:
            for: {action: call, client.tier: [VIP, gold], product line: motor third party, insurer: ERGO-LT}
            start within: 2 working hours
            due: 4 working hours
            effort: 15 minutes
            on time: 98 %
            remind:
              - 1 working hour before due
              - {when: when overdue, at once: true}
            escalate: {after: 2 working hours, to: manager}
          anything:
            for: all work
            due: 2 working days
        """
    )

    assert problems == []
    vip, anything = book.standards
    assert (vip.name, vip.file, vip.line) == ("calls to vip clients", "1.yaml", 2)
    assert vip.holds_for == {
        Dimension.ACTION: ("call",),
        Dimension.CLIENT_TIER: ("vip", "gold"),
        Dimension.PRODUCT_LINE: ("motor_third_party",),
        Dimension.INSURER: ("ERGO-LT",),
    }
    assert vip.fields.written() == {
        "start_within": "2 working hours",
        "due": "4 working hours",
        "effort": "15 minutes",
        "on_time": "98 %",
        "remind": ["1 working hour before due", {"when": "when overdue", "at once": True}],
        "escalate": [{"after": "2 working hours", "to": "manager"}],
    }
    assert vip.scope() == "action: call, product line: motor_third_party, client.tier: vip or gold, insurer: ERGO-LT"
    assert (anything.holds_for, anything.scope()) == ({}, "all work")
    assert book.order == DEFAULT_ORDER


def test_the_order_of_the_dimensions_is_declared_once() -> None:
    """What is not named follows in the usual order."""
    book, problems = read("order: [step, product line]\nstandards: {}")

    rest = tuple(it for it in DEFAULT_ORDER if it not in {Dimension.STEP, Dimension.PRODUCT_LINE})
    assert problems == []
    assert book.order == (Dimension.STEP, Dimension.PRODUCT_LINE, *rest)
    assert (book.order_file, book.order_line) == ("1.yaml", 1)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("- a", "1.yaml:1: this is not a file of standards. Write standards: and below it one entry for each."),
        (
            "standard: {}",
            (
                "1.yaml:1: a file of standards has no 'standard'; did you mean standards? "
                "It has standards, order and digests."
            ),
        ),
        (
            "standards: []",
            "1.yaml:1: standards are written by name. Write a name, and below it what the standard says.",
        ),
        ("standards:\n  a: 1", "1.yaml:2: the standard 'a' says nothing. Write for: and what it asks."),
        (
            "standards:\n  a: {for: {action: call}}",
            "1.yaml:2: the standard 'a' asks nothing. Give it a due, an effort or a target.",
        ),
        (
            "standards:\n  a:\n    du: 1 working day\n    due: 1 working day",
            (
                "1.yaml:3: a standard has no field 'du'; did you mean due? It has start within, due, effort, on time, "
                "success, remind, escalate, expires."
            ),
        ),
        (
            "standards:\n  a:\n    due: 2",
            "1.yaml:3: due: '2' has no unit. Write 2 days or 2 working days, for example.",
        ),
        ("standards:\n  a:\n    on time: 95", "1.yaml:3: on time: '95' has no unit. Write it as 95 %."),
        (
            "standards:\n  a:\n    for: call\n    due: 1 working day",
            "1.yaml:3: for: says for which work, such as action: call, or all work.",
        ),
        (
            "standards:\n  a:\n    for: {client.teir: vip}\n    due: 1 working day",
            (
                "1.yaml:3: work has no dimension 'client.teir'; did you mean client.tier? It has action, process, "
                "step, product line, client.kind, client.tier, client.standing, insurer, channel, campaign."
            ),
        ),
        (
            "standards:\n  a:\n    for: {action: []}\n    due: 1 working day",
            "1.yaml:3: action needs a value or a list of values.",
        ),
        (
            "standards:\n  a:\n    for: {action: [call, {}]}\n    due: 1 working day",
            "1.yaml:3: action needs a value or a list of values.",
        ),
        ("order: [step, step]", "1.yaml:1: the order names step twice. Keep it once."),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(source: str, problem: str) -> None:
    """Each problem says what to write instead."""
    assert read(source)[1] == [problem]


def test_two_files_are_one_book() -> None:
    """Names and the order are unique across files."""
    one = "order: [step]\nstandards:\n  calls:\n    due: 1 working day\n"

    _, problems = read(one, one)

    assert problems == [
        "2.yaml:1: the order is declared already, at 1.yaml:1. Keep one.",
        "2.yaml:3: there is a standard 'calls' already, at 1.yaml:3. Rename one.",
    ]


def test_all_problems_are_told_at_once() -> None:
    """Nobody mends a file one error at a time."""
    _, problems = read("standards:\n  a:\n    du: 1\n    due: 1\n    effort: 1 day\n")

    assert [problem.split(":")[1] for problem in problems] == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("scope", "problem"),
    [
        ("action: cal", "1.yaml:3: unknown action 'cal'; did you mean call? Known: call, offer."),
        ("process: renewals", "1.yaml:3: unknown process 'renewals'; did you mean renewal? Known: renewal."),
        ("step: letter", "1.yaml:3: unknown step 'letter'. Known: call, offer."),
        ("client.tier: vipp", "1.yaml:3: unknown client.tier 'vipp'; did you mean vip? Known: standard, vip."),
    ],
)
def test_work_the_house_does_not_have_is_refused(scope: str, problem: str) -> None:
    """A typing error would otherwise be a standard that never holds."""
    assert check(f"standards:\n  a:\n    for: {{{scope}}}\n    due: 1 working day") == [problem]


def test_a_step_of_another_process_is_refused() -> None:
    """A standard that names process and step must name a pair that exists."""
    book, _ = read("standards:\n  a:\n    for: {process: claim, step: call}\n    due: 1 working day")
    claim = Process(
        name="claim",
        title={},
        subject="claim",
        cycle="claim",
        starts=(),
        begin=(),
        steps={"recall": Step(name="recall", kind=StepKind.TASK, action="call")},
        on=(),
        ends={},
    )

    problems = check_book(book, known_work([RENEWAL, claim], TIERS))

    assert [str(it) for it in problems] == [
        "1.yaml:2: claim has no step 'call' that is a task; did you mean recall?",
    ]


def test_insurers_campaigns_and_unkept_lists_are_not_checked() -> None:
    """Their values stand in the house's book, not in its files."""
    source = "standards:\n  a:\n    for: {insurer: X, campaign: Y, channel: z}\n    due: 1 working day"

    assert check(source) == []


def test_two_standards_that_leave_a_task_undecided_are_refused_with_an_example() -> None:
    """Both places, the fields and a task are named."""
    problems = check(
        """\
        standards:
          calls:
            for: {action: [call, offer], client.tier: vip}
            due: 1 working day
            effort: 15 minutes
        """,
        """\
        standards:
          vip calls:
            for: {client.tier: [standard, vip], action: call}
            due: 2 working days
            effort: 20 minutes
            on time: 95 %
        """,
    )

    assert problems == [
        (
            "2.yaml:2: 'vip calls' and 'calls' (1.yaml:2) are equally specific and both set due and effort; for "
            "action call, client.tier vip neither wins. Let one of them name one dimension more, or let only one of "
            "them set it."
        )
    ]
