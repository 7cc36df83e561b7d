"""Joins that are not alone: one within another, stragglers that come late, branches that can no longer arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

House = Any
Story = Any
Tell = Callable[[House, int], Story]

NESTED = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  begin: {action: plan, outcomes: {go: {next: [offer, plan papers]}}}
  outer:
    action: meet
    after: {all of: [offer, papers]}
    outcomes:
      done: {end: good}
      again: {next: begin, at most: 1, then: {end: bad}}
  offer: {action: offer, outcomes: {sent: }}
  plan papers: {action: plan, outcomes: {go: {next: [mandate, form]}}}
  mandate: {action: collect, outcomes: {got: }}
  form: {action: collect, outcomes: {got: }}
  inner: {action: check, after: {all of: [mandate, form]}, outcomes: {done: {next: papers}}}
  papers: {action: file, outcomes: {filed: }}
ends:
  good: {success: true}
  bad: {success: false}
"""

STRAGGLER = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
begin: [phone, search]
steps:
  phone: {action: call, outcomes: {reached: }}
  search: {action: search, outcomes: {found: {next: write}}}
  write: {action: write, outcomes: {answered: , wait: {repeat: now, at most: 2, then: {end: bad}}}}
  talk:
    action: talk
    after: {any of: [phone, write], otherwise: {end: bad}}
    outcomes: {done: {end: good}}
ends:
  good: {success: true}
  bad: {success: false}
"""

MEMBERS = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
begin: [phone, ask]
steps:
  phone: {action: call, outcomes: {reached: }}
  ask: {action: ask, outcomes: {named: {next: quote, ask: {trees: {any of: [ash, birch]}}}}}
  quote: {action: quote, for each: case.trees, outcomes: {quoted: }}
  talk:
    action: talk
    after: {any of: [phone, quote]}
    outcomes: {done: {end: good}}
ends:
  good: {success: true}
  bad: {success: false}
"""

TOO_FEW = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
begin: [client, colleague, file]
steps:
  client: {action: hear, outcomes: {heard: }}
  colleague: {action: hear, outcomes: {heard: }}
  file: {action: read, outcomes: {read: }}
  find: {action: decide, after: {2 of: [client, colleague, file], cancel the rest: true, otherwise: guess},
         outcomes: {done: {end: good}}}
  guess: {action: decide, outcomes: {done: {end: bad}}}
ends:
  good: {success: true}
  bad: {success: false}
"""


ROUND_AGAIN = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
begin: [phone, plan papers]
steps:
  phone: {action: call, outcomes: {reached: }}
  plan papers: {action: plan, outcomes: {go: {next: [mandate, ask]}}}
  mandate: {action: collect, outcomes: {got: }}
  ask: {action: ask, outcomes: {answered: {next: form}}}
  form: {action: collect, outcomes: {got: , wrong: {next: ask, at most: 2, then: {end: bad}}}}
  file: {action: file, after: {any of: [mandate, form], cancel the rest: true}, outcomes: {filed: }}
  talk:
    action: talk
    after: {all of: [phone]}
    outcomes:
      done: {end: good}
      anew: {next: plan papers, at most: 1, then: {end: bad}}
ends:
  good: {success: true}
  bad: {success: false}
"""


def begun(house: House, tell: Tell, source: str) -> Story:
    """A case of a process."""
    house.publish(source)
    return tell(house, house.start("story"))


@pytest.mark.parametrize("rounds", [1, 2])
def test_an_outer_join_waits_for_what_the_inner_one_is_about_to_begin(
    small_house: House, tell: Tell, rounds: int
) -> None:
    """The last paper makes the inner join ready: what follows it is still to arrive at the outer one."""
    story = begun(small_house, tell, NESTED)

    for _ in range(rounds - 1):
        story.does("begin", "go").does("plan_papers", "go").does("offer", "sent").does("form", "got")
        story.does("mandate", "got").does("inner", "done").does("papers", "filed").does("outer", "again")
    story.does("begin", "go").does("plan_papers", "go").does("offer", "sent").does("form", "got").does("mandate", "got")

    assert story.live == ["inner"]
    story.does("inner", "done").does("papers", "filed")
    assert story.live == ["outer"]
    assert story.does("outer", "done").end == "good"


def test_a_straggler_does_not_begin_another_round(small_house: House, tell: Tell) -> None:
    """The branch that comes late belongs to the round that has fired, however often it is repeated."""
    story = begun(small_house, tell, STRAGGLER).does("phone", "reached").does("search", "found")

    story.does("write", "wait").does("write", "answered")

    assert story.live == ["talk"]
    assert story.does("talk", "done").end == "good"


def test_the_members_of_a_list_that_was_not_known_yet_come_late_too(small_house: House, tell: Tell) -> None:
    """The join fired before anybody knew how many there would be; none of them fires it again."""
    story = begun(small_house, tell, MEMBERS).does("phone", "reached").does("ask", "named", trees=["ash", "birch"])

    story.does("quote", "quoted").does("quote", "quoted")

    assert story.live == ["talk"]
    assert story.does("talk", "done").end == "good"


def test_otherwise_is_taken_once_and_leaves_the_rest_alone(small_house: House, tell: Tell) -> None:
    """Whoever could still be heard is heard; that decides nothing any more."""
    story = begun(small_house, tell, TOO_FEW)
    for step in ("colleague", "file"):
        small_house.cancel(small_house.task(story.case_id, step=step))
    at_once = story.live

    story.does("client", "heard")

    assert at_once == ["client", "guess"]
    assert story.live == ["guess"]
    assert story.does("guess", "done").end == "bad"


def test_a_task_handed_on_the_moment_it_came_is_charged_to_whoever_finished_it(small_house: House, tell: Tell) -> None:
    """The first held it for no time; the ledger and what was kept agree."""
    story = begun(small_house, tell, STRAGGLER)
    small_house.reassign(small_house.task(story.case_id, step="phone"), "ruta")

    story.does("phone", "reached", by="ruta").does("talk", "done")

    assert story.end == "good"  # and the holds that follow from the ledger are those that were kept


def test_the_rest_is_what_began_with_the_branches_and_no_more(small_house: House, tell: Tell) -> None:
    """A task beside them could begin them all anew, but is on no way to them; what goes round within one of them is."""
    story = begun(small_house, tell, ROUND_AGAIN).does("plan_papers", "go").does("phone", "reached")
    story.does("ask", "answered").does("form", "wrong")

    story.does("mandate", "got")

    assert story.live == ["file", "talk"]
    story.does("file", "filed").does("talk", "anew").does("plan_papers", "go").does("ask", "answered")
    assert story.live == ["form", "mandate"]
