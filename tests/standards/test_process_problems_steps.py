"""Steps that do not fit together with themselves: keys, limits, lists, choices, what they set and start."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "step",
        "title: x",
        [
            (
                "11: the step 'other' does not say what it does. It needs exactly one of action, send, start, set, "
                "record, wait, wait until, wait for, first of, choose."
            ),
        ],
        id="a step that does nothing",
    ),
    pytest.param(
        "step",
        """action: call
send: hello""",
        [
            (
                "11: the step 'other' says action and send. It needs exactly one of action, send, start, set, record,"
                " wait, wait until, wait for, first of, choose."
            ),
        ],
        id="a step that does two things",
    ),
    pytest.param(
        "step",
        "- a",
        [
            "11: the step 'other' must be keys with values, not a list.",
        ],
        id="a step that is a word",
    ),
    pytest.param(
        "step",
        "action: call",
        [
            "11: the step 'other' has no outcomes: nobody could finish it. Add outcomes.",
        ],
        id="a task nobody can finish",
    ),
    pytest.param(
        "step",
        """send: hello
outcomes: {a: {end: won}}
end: won""",
        [
            (
                "12: the step 'other' has no key 'outcomes'. Known: send, title, after, at most, then, to, next, end,"
                " reason, cancel, move to."
            ),
        ],
        id="a key of another kind of step",
    ),
    pytest.param(
        "step",
        """send: hello
at most: 1
end: won""",
        [
            "11: the step 'other' needs at most and then together: how often, and what comes instead.",
        ],
        id="a limit without what follows",
    ),
    pytest.param(
        "outcome",
        "{repeat in: 1 day, at most: 0, then: {end: won}}",
        [
            "10: the outcome 'other' at most must be a whole number of at least 1, not '0'.",
        ],
        id="a limit of none",
    ),
    pytest.param(
        "outcome",
        "{repeat in: 3, at most: 2, then: {end: won}}",
        [
            "10: '3' has no unit. Write 3 days or 3 working days, for example.",
        ],
        id="a repeat without a unit",
    ),
    pytest.param(
        "outcome",
        "{repeat: later, at most: 1, then: {end: won}}",
        [
            "10: the outcome 'other' repeat cannot be 'later'. Known: now.",
        ],
        id="a repeat at another time than now",
    ),
    pytest.param(
        "task",
        """no later than: term.expires_on
when anchor moves: jump""",
        [
            "9: when anchor moves cannot be 'jump'. Known: move, stay, ask.",
        ],
        id="an anchor that jumps",
    ),
    pytest.param(
        "step",
        """send: hello
to: everybody
end: won""",
        [
            "12: to cannot be 'everybody'. Known: policyholder, payer, client, contact.",
        ],
        id="a letter to everybody",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes:
    no answer: {end: won}
    no_answer: {end: won}""",
        [
            "10: the outcome 'no_answer' of call is written twice. Keep one of them.",
        ],
        id="an outcome written twice",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  outcomes: {done: {end: won}}
Call:
  action: call
  outcomes: {done: {end: won}}""",
        [
            "9: the step 'Call' is written twice. Keep one of them.",
        ],
        id="a step written twice",
    ),
    pytest.param(
        "task",
        """title: One
title: Two""",
        [
            "9: 'title' is written twice here, first on line 8. Keep one of them.",
        ],
        id="a key written twice",
    ),
    pytest.param(
        "step",
        """start: {process: renewal, for: term}
outcomes: {won: {end: won}}
end: won""",
        [
            "12: other has outcomes, but only a step that waits for a single sub-process learns its end.",
        ],
        id="outcomes of what is not waited for",
    ),
    pytest.param(
        "task",
        "proceed when: all",
        [
            "8: call says proceed when without for each. Remove it, or name the list.",
        ],
        id="proceed without a list",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  for each: term.receivables
  proceed when: some
  outcomes: {done: {}}
  end: won""",
        [
            "9: proceed when (all, any or a number) must be a whole number of at least 1, not 'some'.",
        ],
        id="proceed when some",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  for each: term.recievables
  outcomes: {done: {}}
  end: won""",
        [
            (
                "8: for each: 'term.recievables' is no list a term has; did you mean term.receivables? Known: "
                "client.contacts, client.terms, client.policies, client.receivables, term.receivables, "
                "next_term.receivables, term.quotes, policy.terms, policy.claims, programme.terms."
            ),
        ],
        id="for each of what is no list",
    ),
    pytest.param(
        "step",
        "choose: []",
        [
            "11: choose of other must list its ways, not an empty list.",
        ],
        id="a choice of nothing",
    ),
    pytest.param(
        "step",
        "choose: [{when: {term.placed: by us}, end: won}]",
        [
            "11: choose of other must end with its one otherwise, so that a way is always open.",
        ],
        id="a choice without otherwise",
    ),
    pytest.param(
        "step",
        "choose: [{end: won}, {otherwise: {end: won}}]",
        [
            "11: a way of other says neither when nor otherwise. Add one of them.",
        ],
        id="a way without when",
    ),
    pytest.param(
        "step",
        """set: {}
end: won""",
        [
            "11: set of other sets nothing. Name a field and its value.",
        ],
        id="setting nothing",
    ),
    pytest.param(
        "step",
        """set: {term.expires_on: today}
end: won""",
        [
            (
                "11: a step cannot set term.expires_on; did you mean term.end_reason? It can set: term.placed, "
                "term.renews, term.notice_by, term.stage, term.accepted_at, term.bound_at, term.issued_at, "
                "term.delivered_at, term.ended_on, term.end_reason, client.tier, client.standing, policyholder.tier, "
                "policyholder.standing."
            ),
        ],
        id="setting what cannot be set",
    ),
    pytest.param(
        "step",
        """set: {term.ended_on: {from: policy.number}}
end: won""",
        [
            "11: term.ended_on is a date and cannot be taken from policy.number, a text.",
        ],
        id="setting a date from a text",
    ),
    pytest.param(
        "step",
        """record: next term
from: {premium: term.premium_gross}
end: won""",
        [
            (
                "12: a next term cannot be given 'premium'; did you mean premium_tax? Known: policy_number, insurer, "
                "starts_on, expires_on, premium_net, premium_tax, premium_levies, premium_gross, premium_period, "
                "currency, instalments."
            ),
        ],
        id="a next term with an unknown fact",
    ),
    pytest.param(
        "file",
        """process: p
title: A process
subject: employee
start: {by hand: true}
steps:
  go:
    record: next term
    end: won
ends:
  won: {success: true}""",
        [
            "7: go records a next term, but an employee leads to no term. Remove the step.",
        ],
        id="a next term of an employee",
    ),
    pytest.param(
        "step",
        """start: {process: renewal}
end: won""",
        [
            "11: start must say for what: exactly one of for and for each, such as for: term.",
        ],
        id="a launch for nothing",
    ),
    pytest.param(
        "step",
        """start: {for: term}
end: won""",
        [
            "11: start says no 'process'. Add it.",
        ],
        id="a launch of nothing",
    ),
    pytest.param(
        "step",
        """start: {process: renewal, for: payer}
end: won""",
        [
            (
                "11: for: 'payer' cannot be followed from a term. Known: term, next_term, policy, programme, client, "
                "policyholder."
            ),
        ],
        id="a launch for somebody who is not there",
    ),
    pytest.param(
        "step",
        """start: {process: renewal, for each: term.receivable}
end: won""",
        [
            (
                "11: for each: 'term.receivable' is no list a term has; did you mean term.receivables? Known: "
                "client.contacts, client.terms, client.policies, client.receivables, term.receivables, "
                "next_term.receivables, policy.terms, policy.claims, programme.terms."
            ),
        ],
        id="a launch for a list that is none",
    ),
    pytest.param(
        "task",
        "when anchor moves: stay",
        [
            "8: the step 'call' says when anchor moves, but hangs on no anchor. Add no later than, or remove it.",
        ],
        id="a when that moves without an anchor",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
