"""Work that comes to nobody: routes that name no person, team or step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "task",
        "assign: []",
        [
            "8: assign lists nobody. Name a role, a team or the queue.",
        ],
        id="nobody to do it",
    ),
    pytest.param(
        "task",
        "assign: [[queue]]",
        [
            "8: assign needs a role, a team or the queue, not a list.",
        ],
        id="a route that is a list",
    ),
    pytest.param(
        "task",
        "assign: client.name",
        [
            (
                "8: 'client.name' is nobody who works here; did you mean client.handler? Known: "
                "client.account_manager, client.producer, client.handler, client.collector, "
                "policyholder.account_manager, policyholder.producer, policyholder.handler, policyholder.collector, "
                "case.owner."
            ),
        ],
        id="a field that is no person",
    ),
    pytest.param(
        "task",
        "assign: {queue: sales, taem: sales}",
        [
            "8: a queue has no key 'taem'. Known: queue.",
        ],
        id="a route with a misspelt key",
    ),
    pytest.param(
        "task",
        "assign: {by: turn}",
        [
            "8: this route names no team. Write team: and the team's code, or queue for the house's queue.",
        ],
        id="a route without a team",
    ),
    pytest.param(
        "task",
        "assign: {team: sales}",
        [
            "8: this route does not say how the team shares the work. Add by: turn or by: load.",
        ],
        id="a team without a way of sharing",
    ),
    pytest.param(
        "task",
        "assign: {team: sales, by: lod}",
        [
            "8: by cannot be 'lod'; did you mean load? Known: turn, load.",
        ],
        id="an unknown way of sharing",
    ),
    pytest.param(
        "steps",
        """call:
  action: call
  assign: {same as: other}
  outcomes: {done: {next: other}}
other:
  send: hello
  end: won""",
        [
            "8: same as: other is done by nobody; it is not a person's task. Name a step with an action.",
        ],
        id="same as nobody",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
