"""Ways that lead nowhere, for ever, or to two places: everything that only shows when the steps are seen together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "outcome",
        "{next: call, end: won}",
        [
            "10: the outcome 'other' says next and end; a case can only go one way. Keep one of them.",
        ],
        id="two destinations",
    ),
    pytest.param(
        "outcome",
        "{next: []}",
        [
            "10: the outcome 'other' next lists no step. Name one, or leave next out to finish the branch here.",
        ],
        id="a next of nothing",
    ),
    pytest.param(
        "outcome",
        "{end: won, at most: 2, then: {end: won}}",
        [
            (
                "10: the outcome 'other' has 'at most' without next or repeat in or repeat or move to: there is "
                "nothing to limit. Remove it."
            ),
        ],
        id="a limit on an end",
    ),
    pytest.param(
        "outcome",
        "{next: call, at most: 2}",
        [
            "10: the outcome 'other' has 'at most' without then: say what comes when the limit is reached.",
        ],
        id="a limit without then",
    ),
    pytest.param(
        "outcome",
        "{next: call, then: {end: won}}",
        [
            "10: the outcome 'other' has 'then' without at most: say how often before it comes.",
        ],
        id="then without a limit",
    ),
    pytest.param(
        "outcome",
        "{next: call, at most: 1, then: {end: won}, reason: price}",
        [
            (
                "10: the outcome 'other' has 'reason' without end: a reason belongs to an end. Remove it, or end the "
                "case here."
            ),
        ],
        id="a reason without an end",
    ),
    pytest.param(
        "outcome",
        "{end: won, cancel: [call]}",
        [
            "10: the outcome 'other' has both 'cancel' and 'end': an end cancels whatever is left. Remove cancel.",
        ],
        id="cancelling at an end",
    ),
    pytest.param(
        "outcome",
        "{move to: call, cancel: [call], at most: 1, then: {end: won}}",
        [
            (
                "10: the outcome 'other' has both 'cancel' and 'move to': moving cancels everything else already. "
                "Remove cancel."
            ),
        ],
        id="cancelling while moving",
    ),
    pytest.param(
        "outcome",
        "{ent: won}",
        [
            (
                "10: the outcome 'other' has no key 'ent'; did you mean end? Known: next, end, reason, cancel, move "
                "to, at most, then, repeat in, repeat, ask, label."
            ),
        ],
        id="a misspelt key",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {next: ofer}}
offer:
  action: call
  outcomes: {done: {end: won}}""",
        [
            "8: unknown step 'ofer'; did you mean offer? Known: call, offer.",
        ],
        id="an unknown step",
    ),
    pytest.param(
        "more",
        "begin: cull",
        [
            "7: unknown step 'cull'; did you mean call? Known: call.",
        ],
        id="an unknown step to begin with",
    ),
    pytest.param(
        "task",
        "no later than: 2 days after step cal completed",
        [
            "8: unknown step 'cal'; did you mean call? Known: call.",
        ],
        id="an unknown step in an anchor",
    ),
    pytest.param(
        "task",
        "assign: {same as: cal}",
        [
            "8: unknown step 'cal'; did you mean call? Known: call.",
        ],
        id="an unknown step that was done by somebody",
    ),
    pytest.param(
        "outcome",
        "{end: wonn}",
        [
            "10: unknown end 'wonn'; did you mean won? Known: won.",
        ],
        id="an unknown end",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {end: won}}
lonely:
  send: hello
  end: won""",
        [
            "9: no way leads to the step 'lonely'. Name it under next, after or begin, or remove it.",
        ],
        id="a step no way leads to",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes:
    done: {end: won}
    stuck: {next: write}
write:
  send: hello
  at most: 1
  then: write
  next: pause
pause:
  wait: 1 day
  at most: 1
  then: write
  next: write""",
        [
            ("11: no end can be reached from the step 'write'. Give one of its ways an end, or a next that has one."),
            "11: the circle write → write has no limit. Add at most and then to one of its steps or outcomes.",
            ("16: no end can be reached from the step 'pause'. Give one of its ways an end, or a next that has one."),
        ],
        id="a step without an end",
    ),
    pytest.param(
        "ends",
        """won: {success: true}
lost: {success: false}""",
        [
            "12: nothing ends a case as 'lost'. Use end: lost somewhere, or remove it.",
        ],
        id="an end nothing leads to",
    ),
    pytest.param(
        "outcome",
        "{}",
        [
            (
                "10: the outcome 'other' of call stops here, and no step waits for it. Give it a next or an end, or "
                "name call under after of the step that waits."
            ),
        ],
        id="a way that just stops",
    ),
    pytest.param(
        "task",
        "next: call",
        [
            "8: the step 'call' has a next or end of its own, but its outcomes decide. Move it into the outcomes.",
        ],
        id="a task with a next of its own",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes:
    done: {end: won}
    again: {next: write}
write:
  send: hello
  next: call""",
        [
            ("6: the circle call → write → call has no limit. Add at most and then to one of its steps or outcomes."),
        ],
        id="a circle",
    ),
    pytest.param(
        "outcome",
        "{repeat in: 1 day}",
        [
            "6: the circle call → call has no limit. Add at most and then to one of its steps or outcomes.",
        ],
        id="a circle of one",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {}}
other:
  send: hello
  after: [other, call]
  end: won""",
        [
            "11: the step 'other' waits for itself. Remove it from its after.",
        ],
        id="a branch that waits for itself",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {}, left: {next: away}}
away:
  send: hello
  end: won
other:
  send: hello
  after: [call, away]
  end: won""",
        [
            (
                "14: other waits for away, which never finishes its branch: all its ways lead on. Leave out the next "
                "of the way that should arrive here, or remove it from after."
            ),
        ],
        id="a branch that never arrives",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {}}
other:
  send: hello
  after: {2 of: [call]}
  end: won""",
        [
            "11: other waits for 2 branches but lists 1. List more or wait for fewer.",
        ],
        id="more branches than there are",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {}}
other:
  send: hello
  after: {cancel the rest: true}
  end: won""",
        [
            "11: after of other needs exactly one of all of, any of and a number such as 2 of.",
        ],
        id="a join of no kind",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {}}
other:
  send: hello
  after: {all of: [call], cancel the rst: true}
  end: won""",
        [
            (
                "11: after of other has no key 'cancel the rst'; did you mean cancel the rest? Known: all of, any of,"
                " a number such as 2 of, cancel the rest, otherwise."
            ),
        ],
        id="a misspelt join",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {end: won}}
other:
  send: hello
  after: {all of: []}
  end: won""",
        [
            "11: after of other lists no step. Name the branches it waits for.",
        ],
        id="a join of nothing",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {}}
other:
  send: hello
  after: {0 of: [call]}
  end: won""",
        [
            "11: after of other waits for 0 branches, so it waits for none. Write at least 1.",
        ],
        id="a join of no branch",
    ),
    pytest.param(
        "file",
        """process: p
title: A process
subject: term
start: {by hand: true}
begin: [call, other]
steps:
  call:
    action: call
    outcomes: {done: {}}
  other:
    send: hello
    after: [call]
    end: won
ends:
  won: {success: true}""",
        [
            "10: the process begins with 'other', which waits for branches under after. Begin with another step.",
        ],
        id="beginning with a join",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {}, more: {next: other}}
other:
  send: hello
  after: [call]
  end: won""",
        [
            (
                "8: the outcome 'more' of call leads to 'other', which waits for branches under after. A step uses "
                "next or after: leave out this next to arrive there, or remove the after."
            ),
        ],
        id="next and after at once",
    ),
    pytest.param(
        "start",
        """- {schedule: every monday at 06:00, when: 45 days before term.expires_on}
- {on: term.notice_received}""",
        [
            (
                "6: this start and the one on line 5 could both begin a case for the same term. Keep one, or let "
                "their where exclude each other."
            ),
        ],
        id="two starts for one cycle",
    ),
    pytest.param(
        "start",
        """- {by hand: true}
- {by hand: true}""",
        [
            "6: by hand is written twice. Keep one of them.",
        ],
        id="by hand twice",
    ),
    pytest.param(
        "file",
        """process: p
title: A process
subject: client
start:
  - {on: lead.created}
  - {on: lead.created}
steps:
  call:
    action: call
    outcomes: {done: {end: won}}
ends:
  won: {success: true}""",
        [
            (
                "6: this start and the one on line 5 could both begin a case for the same happening. Keep one, or let"
                " their where exclude each other."
            ),
        ],
        id="the same happening twice",
    ),
    pytest.param(
        "file",
        """process: p
title: A process
subject: client
start: {schedule: every monday at 06:00}
steps:
  call:
    action: call
    outcomes: {done: {end: won}}
ends:
  won: {success: true}""",
        [
            (
                "4: a schedule would begin a new case at every ringing, because each start is its own cycle. Write "
                "cycle: year or quarter or month."
            ),
        ],
        id="a schedule that begins anew each time",
    ),
    pytest.param(
        "start",
        "schedule: every monday at 06:00",
        [
            (
                "5: this schedule does not say when in the term a case begins. Add when: and a moment, such as 45 "
                "days before term.expires_on."
            ),
        ],
        id="a schedule without a moment",
    ),
    pytest.param(
        "start",
        """schedule: every monday at 06:00
when: 1 day after step call completed""",
        [
            (
                "5: a case cannot begin 1 day after step call completed: no step is completed before it begins. Count"
                " from a field."
            ),
        ],
        id="a start after a step",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes:
    done: {end: won, ask: {size: text}}
    more: {end: won, ask: {size: number}}""",
        [
            "10: case.size is asked for as number here and as text on line 9. Use one type, or two names.",
        ],
        id="an answer of two types",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  ask: {size: text}
  outcomes:
    done: {end: won, ask: {size: text}}""",
        [
            "10: the outcome 'done' asks for size, which call asks for anyway. Remove one.",
        ],
        id="a question asked anyway",
    ),
    pytest.param(
        "outcome",
        "{end: won, reason: price, ask: {reason: [price]}}",
        [
            "10: the outcome 'other' gives a reason and asks for one. Keep one of them.",
        ],
        id="a reason given and asked",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
