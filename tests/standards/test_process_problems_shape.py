"""The form of a process file: what is not understood is refused, with a sentence for each mistake."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "file",
        "- a",
        [
            "1: a process must be keys with values, not a list.",
        ],
        id="a list is no process",
    ),
    pytest.param(
        "file",
        "hello",
        [
            "1: a process must be keys with values, not 'hello'.",
        ],
        id="a text is no process",
    ),
    pytest.param(
        "more",
        "stpes: {}",
        [
            (
                "4: a process has no key 'stpes'; did you mean steps? Known: process, title, subject, cycle, start, "
                "begin, assign, steps, on, ends."
            ),
        ],
        id="an unknown key",
    ),
    pytest.param(
        "head",
        """process: p
title: ""
subject: term""",
        [
            "2: the title must be a text, not nothing.",
        ],
        id="an empty title",
    ),
    pytest.param(
        "head",
        """process: p
title: [a]
subject: term""",
        [
            "2: the title must be a text, or a text for each language, not a list.",
        ],
        id="a title that is a list",
    ),
    pytest.param(
        "head",
        """process: p
title: {en: A process, de: Ein Vorgang}
subject: term""",
        [
            "2: the title is given in 'de', a language taktas does not know. Known: en, lt, es.",
        ],
        id="a title in an unknown language",
    ),
    pytest.param(
        "task",
        "title: Call {policyholder.name",
        [
            (
                "8: 'Call {policyholder.name' has a brace without its other half. Write a field as "
                "{policyholder.name}, or {{ and }} for the braces themselves."
            ),
        ],
        id="a title with a lonely brace",
    ),
    pytest.param(
        "head",
        """process: 9 lives!
title: A process
subject: term""",
        [
            "1: process '9 lives!' cannot be a name. Use words of plain letters and digits, a letter first.",
        ],
        id="a name that is none",
    ),
    pytest.param(
        "file",
        "process: p",
        [
            "1: the process says no 'ends'. Add it.",
            "1: the process says no 'start'. Add it.",
            "1: the process says no 'steps'. Add it.",
            "1: the process says no 'subject'. Add it.",
            "1: the process says no 'title'. Add it.",
        ],
        id="a process that says nothing",
    ),
    pytest.param(
        "head",
        """title: A process
subject: term""",
        [
            "1: the process says no 'process'. Add it.",
        ],
        id="a process without a name",
    ),
    pytest.param(
        "head",
        """process: p
title: A process
subject: trem""",
        [
            (
                "3: no case can be about a 'trem'; did you mean term? Known: term, policy, client, programme, "
                "receivable, claim, interaction, alert, campaign_member, employee, period, imported_case."
            ),
        ],
        id="an unknown subject",
    ),
    pytest.param(
        "more",
        "cycle: moon",
        [
            "4: the cycle of a process about a term cannot be 'moon'. Known: term, start.",
        ],
        id="an unknown cycle",
    ),
    pytest.param(
        "file",
        """process: p
title: A process
subject: term
start: []
steps:
  call:
    action: call
    outcomes:
      done: {end: won}
ends:
  won: {success: true}""",
        [
            "4: start lists no way to begin. Write by hand: true if people begin it.",
        ],
        id="no way to begin",
    ),
    pytest.param(
        "start",
        "assign: queue",
        [
            "5: start needs exactly one of schedule, on, list, by hand.",
        ],
        id="a start that does not say what begins it",
    ),
    pytest.param(
        "start",
        """by hand: true
on: term.notice_received""",
        [
            "5: start needs exactly one of schedule, on, list, by hand.",
        ],
        id="a start that is both at once",
    ),
    pytest.param(
        "start",
        "by hand: maybe",
        [
            "5: by hand must be true or false, not 'maybe'.",
        ],
        id="by hand that is not true",
    ),
    pytest.param(
        "start",
        """on: term.notice_received
group: programme""",
        [
            "6: 'group' needs a start by schedule, not by 'on'. Remove it.",
        ],
        id="a group without a selection",
    ),
    pytest.param(
        "start",
        "on: policy.cancelled",
        [
            "5: policy.cancelled befalls a policy; it does not say which term a case would be about.",
        ],
        id="a happening about something else",
    ),
    pytest.param(
        "start",
        "list: campaign.members",
        [
            "5: list: 'campaign.members' does not list what a process about a term is about. Known: none.",
        ],
        id="a list of something else",
    ),
    pytest.param(
        "selection",
        "group: colour",
        [
            (
                "7: cases about a term cannot be grouped by 'colour'. Write client within 30 days, or programme for "
                "terms and policies."
            ),
        ],
        id="a group by what cannot group",
    ),
    pytest.param(
        "selection",
        "group: client within 30",
        [
            "7: '30' has no unit. Write 30 days or 30 working days, for example.",
        ],
        id="a group without a unit",
    ),
    pytest.param(
        "selection",
        "group: client within 3 working days",
        [
            "7: group counts days, weeks, months or years, not 3 working days.",
        ],
        id="a group by working time",
    ),
    pytest.param(
        "start",
        """schedule: sometimes
when: 45 days before term.expires_on""",
        [
            (
                "5: 'sometimes' is not a schedule. Write every monday at 06:00, every working day at 07:30, every "
                "month on the 1st at 06:00 or every 15 minutes."
            ),
        ],
        id="a schedule that is none",
    ),
    pytest.param(
        "start",
        """schedule: every monday at 06:00
when: 45 days before policy.number""",
        [
            "6: when counts from 'policy.number', which is not a date or a moment.",
        ],
        id="a moment counted from a name",
    ),
    pytest.param(
        "ends",
        "won: {}",
        [
            "11: the end 'won' does not say whether it is a success. Add success: true, false or not counted.",
        ],
        id="an end that does not say whether it is good",
    ),
    pytest.param(
        "ends",
        "won: {success: often}",
        [
            "11: success of won must be true, false or not counted, not 'often'.",
        ],
        id="an end that is sometimes good",
    ),
    pytest.param(
        "ends",
        "won: good",
        [
            "11: the end 'won' must be keys with values, not 'good'.",
        ],
        id="an end that is a word",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
