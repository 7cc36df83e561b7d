"""What a process leans on and does not find: actions, letters, teams, lists, other processes, fields in texts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "steps",
        """call:
  action: cal
  outcomes: {done: {end: won}}""",
        [
            "7: unknown action 'cal'; did you mean call? Known: call, visit.",
        ],
        id="an unknown action",
    ),
    pytest.param(
        "steps",
        """call:
  action: visit
  outcomes: {done: {end: won}}""",
        [
            "7: no standard says when the action 'visit' is due. Give a standard for it a due time.",
        ],
        id="an action without a due time",
    ),
    pytest.param(
        "step",
        """send: helo
end: won""",
        [
            "11: unknown letter 'helo'; did you mean hello? Known: hello, dunning.",
        ],
        id="an unknown letter",
    ),
    pytest.param(
        "task",
        "assign: {queue: slaes}",
        [
            "8: unknown team 'slaes'; did you mean sales? Known: sales, service.",
        ],
        id="an unknown team",
    ),
    pytest.param(
        "outcome",
        "{end: won, reason: prise}",
        [
            "10: the list end_reasons has no code 'prise'; did you mean price? Known: price, other.",
        ],
        id="an unknown reason",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {reason: [prise]}}",
        [
            "10: the list end_reasons has no code 'prise'; did you mean price? Known: price, other.",
        ],
        id="an unknown reason to choose",
    ),
    pytest.param(
        "selection",
        """leave out:
  blaklisted: {client.is_blacklisted: true}""",
        [
            (
                "8: the list leave_out_reasons has no code 'blaklisted'; did you mean blacklisted? Known: "
                "blacklisted, no_owner."
            ),
        ],
        id="an unknown reason for leaving out",
    ),
    pytest.param(
        "task",
        "requires: [mandat]",
        [
            "8: the list requirement_types has no code 'mandat'; did you mean mandate? Known: mandate.",
        ],
        id="an unknown requirement",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {size: {one of: teirs}}}",
        [
            (
                "10: unknown list 'teirs'; did you mean tiers? Known: actions, end_reasons, leave_out_reasons, "
                "requirement_types, tiers."
            ),
        ],
        id="an unknown list",
    ),
    pytest.param(
        "step",
        """start: {process: renewl, for: term}
end: won""",
        [
            "11: unknown process 'renewl'; did you mean renewal? Known: renewal, p.",
        ],
        id="an unknown process",
    ),
    pytest.param(
        "step",
        """start: {process: renewal, for: client}
end: won""",
        [
            "11: renewal is about a term, but client leads to a client. Name another path.",
        ],
        id="a process about something else",
    ),
    pytest.param(
        "step",
        """start: {process: renewal, for: term, wait: true}
outcomes: {wonn: {end: won}}
end: won""",
        [
            "12: renewal never ends as 'wonn'; did you mean won? Known: won, lost.",
        ],
        id="an end a process never has",
    ),
    pytest.param(
        "step",
        """start: {process: renewal, for: term, wait: true}
outcomes: {won: {end: won}}""",
        [
            (
                "10: other does not say what comes when renewal ends as lost. Add an outcome, or a next for all the "
                "others."
            ),
        ],
        id="an end nothing is said about",
    ),
    pytest.param(
        "task",
        "title: Call {policyholder.nmae}",
        [
            (
                "8: the title of call uses policyholder.nmae, but there is no such field; did you mean "
                "policyholder.name? Take one from the catalogue."
            ),
        ],
        id="a title with an unknown field",
    ),
    pytest.param(
        "task",
        "title: Call about {campaign.name}",
        [
            (
                "8: the title of call uses campaign.name, but a term does not have it; did you mean client.name? "
                "Leave it out."
            ),
        ],
        id="a title with a field of another subject",
    ),
    pytest.param(
        "task",
        "title: Call {member.name}",
        [
            "8: the title of call uses member.name, but it is not one of a list there. Use it under for each.",
        ],
        id="a title with a member of no list",
    ),
    pytest.param(
        "task",
        "title: Call about {case.size}",
        [
            (
                "8: the title of call uses case.size, but no step asks for it; did you mean case.owner? Ask for it, "
                "or leave it out."
            ),
        ],
        id="a title with an answer nobody gives",
    ),
    pytest.param(
        "step",
        """send: hello
to: contact
end: won""",
        [
            (
                "12: other writes to a contact, but stands under no for each: client.contacts. Write to the client, "
                "or for each contact."
            ),
        ],
        id="a letter to a contact without contacts",
    ),
    pytest.param(
        "step",
        """send: hello
to: payer
end: won""",
        [
            "12: other writes to the payer, whom a term does not have. Known: client, policyholder.",
        ],
        id="a letter to a payer who is not there",
    ),
    pytest.param(
        "step",
        """send: dunning
end: won""",
        [
            (
                "11: the letter dunning lists payer.receivables, which a term does not have; did you mean "
                "term.receivables?"
            ),
            ("11: the letter dunning shows amuont of client.receivables, which they do not have; did you mean amount?"),
            "11: the letter dunning uses receivable.amount, but a term does not have it. Leave it out.",
        ],
        id="a letter that uses what is not there",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
