"""The laws of joins: what can still arrive is waited for, nothing else is, and each round is decided once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from standards.parsing import process_of
from standards.process import Join, Transition
from tasks.advancing.outlook import Ahead, Token, Verdict, ahead_of, beginnings_of, decide_join, outlook

PROCESS = process_of(
    """
process: story
title: A story
subject: term
start: {by hand: true}
begin: [a1, b1, c1]
steps:
  a1: {action: call, outcomes: {on: {next: a2}, elsewhere: {next: x}}}
  a2: {action: call, outcomes: {done: }}
  b1: {action: call, outcomes: {on: {next: b2}}}
  b2: {action: call, outcomes: {done: , back: {next: b1, at most: 2, then: {end: bad}}}}
  c1: {action: call, for each: client.contacts, outcomes: {done: }}
  x: {action: call, outcomes: {done: {end: bad}}}
  meet: {action: call, after: {all of: [a2, b2, c1]}, outcomes: {again: {next: [a1, b1], at most: 2, then: {end: bad}}}}
ends:
  good: {success: true}
  bad: {success: false}
"""
)
MEET = PROCESS.steps["meet"].after or Join(steps=())
STEPS = ("a1", "a2", "b1", "b2", "x")

tokens = st.lists(st.sampled_from(STEPS).map(Token), max_size=4)
arrivals = st.sets(st.sampled_from([("a2", ""), ("b2", ""), ("c1", "client:1"), ("c1", "client:2")]))
counts = st.none() | st.integers(1, 4)


def test_a_step_leads_to_what_its_outcomes_and_joins_name() -> None:
    """Through the join and round again, but not when the join is avoided."""
    assert ahead_of(PROCESS, ["a2"]) == {"a2", "meet", "a1", "b1", "b2", "x"}
    assert ahead_of(PROCESS, ["a2"], avoiding=["meet"]) == {"a2"}
    assert ahead_of(PROCESS, ["x"]) == {"x"}


def test_a_step_that_every_way_to_the_branches_passes_begins_them() -> None:
    """Each branch has beginnings of its own; two that begin side by side share none."""
    assert beginnings_of(PROCESS, ["a2"]) == {"a1"}
    assert beginnings_of(PROCESS, ["a2", "b2"]) == frozenset()


def test_a_branch_alive_before_its_step_may_still_arrive() -> None:
    """One that went elsewhere may not."""
    ahead = outlook(PROCESS, "meet", MEET, {("b2", "")}, [Token("a1"), Token("x")])

    assert ahead.pending == {("a2", "")}


def test_members_of_a_list_arrive_one_by_one() -> None:
    """The waiting list itself is not a branch; a list still ahead has an unknown length."""
    begun = outlook(PROCESS, "meet", MEET, (), [Token("c1", "", True), Token("c1", "client:1")])
    ahead = outlook(PROCESS, "meet", MEET, (), [Token("c1")])

    assert set(begun.pending) == {("c1", "client:1")}
    assert not begun.is_open
    assert ahead.is_open


@given(alive=tokens, arrived=arrivals)
def test_all_of_waits_exactly_as_long_as_something_can_arrive(
    alive: list[Token], arrived: set[tuple[str, str]]
) -> None:
    """Then it fires if anything has arrived at all."""
    ahead = outlook(PROCESS, "meet", MEET, arrived, alive)

    verdict = decide_join(MEET, arrived, ahead, has_begun=True)

    if ahead.pending:
        assert verdict is Verdict.WAIT
    else:
        assert verdict is (Verdict.FIRE if arrived else Verdict.WAIT)


@given(alive=tokens, arrived=arrivals, count=st.integers(1, 4))
def test_n_of_fires_with_the_nth_and_gives_up_only_when_it_cannot_come(
    alive: list[Token], arrived: set[tuple[str, str]], count: int
) -> None:
    """Never while enough may still arrive."""
    join = Join(steps=MEET.steps, count=count, otherwise=Transition(end="bad"))
    ahead = outlook(PROCESS, "meet", join, arrived, alive)

    verdict = decide_join(join, arrived, ahead, has_begun=True)

    if len(arrived) >= count:
        assert verdict is Verdict.FIRE
    elif len(arrived) + len(ahead.pending) >= count:
        assert verdict is Verdict.WAIT
    else:
        assert verdict is Verdict.OTHERWISE


@given(alive=tokens, arrived=arrivals, count=counts)
def test_a_branch_that_dies_never_makes_a_join_wait_longer(
    alive: list[Token], arrived: set[tuple[str, str]], count: int | None
) -> None:
    """Fewer branches alive, fewer to wait for."""
    join = Join(steps=MEET.steps, count=count)
    ahead = outlook(PROCESS, "meet", join, arrived, alive)
    fewer = outlook(PROCESS, "meet", join, arrived, alive[1:])

    assert fewer.pending <= ahead.pending


def test_otherwise_waits_until_the_case_came_near_the_join() -> None:
    """A case that never went that way takes nothing."""
    join = Join(steps=MEET.steps, otherwise=Transition(end="bad"))
    nothing = Ahead(pending=frozenset(), is_open=False)

    assert decide_join(join, set(), nothing, has_begun=False) is Verdict.WAIT
    assert decide_join(join, set(), nothing, has_begun=True) is Verdict.OTHERWISE
