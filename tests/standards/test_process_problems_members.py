"""A list within a list: refused when the file is checked, because no task can belong to two members."""

from __future__ import annotations

from collections.abc import Callable

import pytest

NESTED = """contact:
  action: call
  for each: client.contacts
  outcomes:
    {outcome}
  next: rest
{between}
claims:
  action: call
  for each: client.policies
  outcomes: {{done: {{}}}}
  {end}
rest:
  action: call
  after: {{any of: [contact, claims]}}
  outcomes: {{done: {{end: won}}}}"""
STEP = """step:
  action: call
  outcomes: {done: {next: claims}}"""
JOIN = """step:
  action: call
  after: {all of: [contact]}
  outcomes: {done: {next: claims}}"""
REFUSED = (
    ": claims is a for each of client.policies inside the for each of contact, for every member of client.contacts "
    "again, which is not possible. Let a step with after collect the first list before the second begins, or start a "
    "process of its own for each member."
)


def _told(told: Callable[[str, str], list[str]], outcome: str, between: str, end: str = "next: rest") -> list[str]:
    text = NESTED.format(outcome=outcome, between=between, end=end)
    return [problem for problem in told("steps", text) if "inside the for each" in problem]


@pytest.mark.parametrize(
    ("outcome", "between", "line"),
    [
        pytest.param("done: {next: claims}", "", 15, id="at once"),
        pytest.param("done: {next: step}", STEP, 17, id="after a step between"),
        pytest.param("done: {repeat in: 1 day, at most: 2, then: claims}", "", 15, id="beyond a limit"),
    ],
)
def test_a_list_within_a_list_is_refused(
    told: Callable[[str, str], list[str]], outcome: str, between: str, line: int
) -> None:
    """However far the way to it is."""
    assert _told(told, outcome, between) == [f"{line}{REFUSED}"]


@pytest.mark.parametrize(
    ("outcome", "between"),
    [
        pytest.param("done: {}", JOIN, id="collected by a join first"),
        pytest.param("done: {move to: claims}", "", id="moving the whole case"),
        pytest.param("done: {repeat in: 1 day, at most: 2, then: {}}", STEP, id="the same list again"),
    ],
)
def test_one_list_after_another_is_not(told: Callable[[str, str], list[str]], outcome: str, between: str) -> None:
    """The member is left behind at a join, and when the whole case moves."""
    assert _told(told, outcome, between) == []
