"""Each construct of the process language, as a story with one case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models import contracts, outbox, parties, work
from tasks.advancing.renewing import TermAlreadyRenewed
from tasks.handbooks.handbook import NotPublished

House = Any

HEAD = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
"""
ENDS = """
ends:
  good: {success: true}
  bad: {success: false}
"""


def story(house: House, steps: str, *, more: str = "", begin: str = "") -> int:
    """Publish a process of these steps and start it."""
    begins = f"begin: {begin}\n" if begin else ""
    house.publish(HEAD + begins + steps + more + ENDS)
    case_id: int = house.start("story")
    return case_id


def report(house: House, kind: str, subject: str = "term P-1", subject_type: str = "term", key: str = "") -> None:
    """Something befalls a subject, and the beat lets everybody hear."""
    house.happens(kind, subject, subject_type, key)
    assert house.tick().problems == []


def test_an_outcome_leads_to_the_next_step_and_to_the_end(small_house: House) -> None:
    """Sequence: call, offer, won; the ledger tells it in order."""
    house = small_house
    case_id = house.start()

    first = house.complete(house.task(case_id), "interested")
    second = house.complete(house.task(case_id), "accepted", premium="120.50")

    assert first.task_ids == (house.tasks(case_id, live=False)[1]["id"],)
    assert second.ended == ((case_id, "won"),)
    assert house.case(case_id)["is_success"] is True
    assert house.kinds(case_id) == ["case.started", "task.completed", "task.opened", "task.completed", "case.ended"]


def test_a_repetition_plans_the_next_round_and_its_limit_counts_over_the_whole_case(small_house: House) -> None:
    """Thinking twice is granted; the third time the case takes `then`."""
    house = small_house
    case_id = house.start()

    house.complete(house.task(case_id), "thinking")
    planned = house.task(case_id)
    house.tick("2026-03-05 17:00")
    opened = house.task(case_id)
    house.complete(opened, "thinking")
    house.tick("2026-03-10 17:00")
    last = house.complete(house.task(case_id), "thinking")

    assert (planned["status"], planned["round"]) == ("planned", 2)
    assert (opened["status"], opened["id"]) == ("open", planned["id"])
    assert last.ended == ((case_id, "lost"),)


def test_a_choice_by_facts_takes_the_first_way_that_holds(small_house: House) -> None:
    """The premium decides who works on it."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  weigh:
    choose:
      - {when: {term.premium_gross: {at least: 500}}, next: big}
      - {when: {term.premium_gross: {at least: 100}}, next: middling}
      - otherwise: small
  big: {action: call, outcomes: {done: {end: good}}}
  middling: {action: call, outcomes: {done: {end: good}}}
  small: {action: call, outcomes: {done: {end: bad}}}
""",
    )

    assert house.steps(case_id) == ["middling"]


PARALLEL = """
steps:
  papers: {{action: collect, outcomes: {{got: , gone: {{next: search}}}}}}
  offer: {{action: offer, outcomes: {{sent: }}}}
  price: {{action: price, outcomes: {{known: }}}}
  search: {{action: search, outcomes: {{found: , lost: {{end: bad}}}}}}
  meet:
    action: meet
    after: {join}
    outcomes: {{done: {{end: good}}}}
"""


def test_all_of_waits_for_every_branch(small_house: House) -> None:
    """The meeting comes when the last of three is done."""
    house = small_house
    case_id = story(house, PARALLEL.format(join="{all of: [papers, offer, price]}"), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="offer"), "sent")
    house.complete(house.task(case_id, step="price"), "known")
    before = house.steps(case_id)
    house.complete(house.task(case_id, step="papers"), "got")

    assert before == ["papers"]
    assert house.steps(case_id) == ["meet"]


def test_all_of_does_not_wait_for_a_branch_that_went_elsewhere_or_was_cancelled(small_house: House) -> None:
    """Papers are searched for instead, the price is cancelled: the offer alone makes the meeting."""
    house = small_house
    case_id = story(house, PARALLEL.format(join="{all of: [papers, offer, price]}"), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="papers"), "gone")
    house.complete(house.task(case_id, step="offer"), "sent")
    house.cancel(house.task(case_id, step="price"))

    assert house.steps(case_id) == ["meet", "search"]


def test_any_of_fires_at_the_first_and_can_cancel_the_rest(small_house: House) -> None:
    """One of three is enough, and nobody works on for nothing."""
    house = small_house
    join = "{any of: [papers, offer, price], cancel the rest: true}"
    case_id = story(house, PARALLEL.format(join=join), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="price"), "known")

    assert house.steps(case_id) == ["meet"]
    assert [task["status"] for task in house.tasks(case_id, live=False)] == ["cancelled", "cancelled", "done", "open"]


def test_two_of_three_fires_once_and_leaves_the_third_alone(small_house: House) -> None:
    """The straggler's arrival neither fires the join again nor begins another round."""
    house = small_house
    case_id = story(house, PARALLEL.format(join="{2 of: [papers, offer, price]}"), begin="[papers, offer, price]")

    house.complete(house.task(case_id, step="price"), "known")
    house.complete(house.task(case_id, step="offer"), "sent")
    at_two = house.steps(case_id)
    house.complete(house.task(case_id, step="papers"), "got")

    assert at_two == ["meet", "papers"]
    assert house.steps(case_id) == ["meet"]


def test_otherwise_is_taken_when_so_many_can_no_longer_arrive(small_house: House) -> None:
    """With two of three needed, the second cancelled branch decides."""
    house = small_house
    join = "{2 of: [papers, offer, price], otherwise: {end: bad}}"
    case_id = story(house, PARALLEL.format(join=join), begin="[papers, offer, price]")

    house.cancel(house.task(case_id, step="price"))
    still = house.case(case_id)["status"]
    last = house.cancel(house.task(case_id, step="offer"))

    assert still == "running"
    assert last.ended == ((case_id, "bad"),)


def test_a_join_in_a_circle_collects_each_round_by_itself(small_house: House) -> None:
    """The second time round, both branches are waited for again."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  left: {action: left, outcomes: {done: }}
  right: {action: right, outcomes: {done: }}
  meet:
    action: meet
    after: {all of: [left, right]}
    outcomes:
      again: {next: [left, right], at most: 2, then: {end: bad}}
      enough: {end: good}
""",
        begin="[left, right]",
    )

    for round_ in (1, 2):
        house.complete(house.task(case_id, step="left"), "done")
        assert house.steps(case_id) == ["right"]
        house.complete(house.task(case_id, step="right"), "done")
        assert house.task(case_id)["round"] == round_
        house.complete(house.task(case_id), "again")

    assert house.steps(case_id) == ["left", "right"]


def test_a_span_is_waited_for(small_house: House) -> None:
    """Ten days later, at the same time of day, the case goes on."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  rest: {wait: 10 days, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )

    house.tick("2026-03-12 08:59")
    before = house.steps(case_id)
    house.tick("2026-03-12 09:00")

    assert before == []
    assert house.steps(case_id) == ["call"]


def test_a_date_is_waited_for_until_it_begins(small_house: House) -> None:
    """Waiting until a date ends when the date begins."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  rest: {wait until: 5 days before term.expires_on, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )

    house.tick("2026-03-25 23:59")
    before = house.steps(case_id)
    house.tick("2026-03-26 00:00")

    assert before == []
    assert house.steps(case_id) == ["call"]


RACE = """
steps:
  either:
    first of:
      - {on: client.answered, next: talk}
      - {in: 5 days, next: remind}
  talk: {action: call, outcomes: {done: {end: good}}}
  remind: {action: letter, outcomes: {done: {end: bad}}}
"""


def test_of_a_happening_and_a_timer_whichever_comes_first_decides(small_house: House) -> None:
    """The client answers; the timer no longer fires."""
    house = small_house
    case_id = story(house, RACE)

    report(house, "client.answered", "C-1", "client")
    house.tick("2026-03-20 09:00")

    assert house.steps(case_id) == ["talk"]


def test_of_a_happening_and_a_timer_the_timer_decides_when_nothing_happens(small_house: House) -> None:
    """Five days later, on the next open day, the letter is due; an answer then changes nothing."""
    house = small_house
    case_id = story(house, RACE)

    house.tick("2026-03-09 09:00")
    report(house, "client.answered", "C-1", "client")

    assert house.steps(case_id) == ["remind"]


def test_a_deadline_closes_its_step_and_fires_another(small_house: House) -> None:
    """Nobody called for two working days: the manager decides."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  call:
    action: call
    deadline: {in: 2 working days, next: decide}
    outcomes: {done: {end: good}}
  decide: {action: decide, outcomes: {done: {end: bad}}}
""",
    )

    house.tick("2026-03-04 17:00")

    assert house.steps(case_id) == ["decide"]
    closed = house.tasks(case_id, live=False)[0]
    assert closed["status"] == "cancelled"


def test_a_deadline_that_keeps_its_step_rings_beside_it_so_many_times(small_house: House) -> None:
    """Every day a letter, three at most, while the call stays open."""
    house = small_house
    house.letter("nudge")
    case_id = story(
        house,
        """
steps:
  call:
    action: call
    deadline: {every: 1 day, at most: 3, keep: true, next: nudge}
    outcomes: {done: {end: good}}
  nudge: {send: nudge}
""",
    )

    for day in range(3, 14):
        house.tick(f"2026-03-{day:02} 12:00")

    assert house.steps(case_id) == ["call"]
    letters = [row for row in house.rows(outbox.messages) if row["template"] == "nudge"]
    assert len(letters) == 3


def test_completing_a_step_in_time_takes_its_deadlines_away(small_house: House) -> None:
    """What is done does not ring."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  call:
    action: call
    deadline: {in: 2 working days, end: bad}
    outcomes: {done: {next: offer}}
  offer: {action: offer, outcomes: {done: {end: good}}}
""",
    )

    house.complete(house.task(case_id), "done")
    house.tick("2026-03-20 12:00")

    assert house.case(case_id)["status"] == "running"


def test_a_happening_ends_the_case_and_closes_what_is_open(small_house: House) -> None:
    """The policy is cancelled: the case about its term ends with that reason."""
    house = small_house
    case_id = house.start()

    report(house, "policy.cancelled", "P-1", "policy")

    case = house.case(case_id)
    assert (case["end_code"], case["reason"]) == ("lost", "cancelled")
    assert house.tasks(case_id) == []


def test_what_a_step_says_of_a_happening_comes_before_what_the_process_says(small_house: House) -> None:
    """Accepted but not bound: the case does not lapse, it becomes urgent."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  bind:
    action: bind
    on: {term.ended: {keep: true, next: urgent}}
    outcomes: {done: {end: good}}
  urgent: {action: decide, outcomes: {done: }}
""",
        more="on: {term.ended: {end: bad}}\n",
    )

    report(house, "term.ended")

    assert house.steps(case_id) == ["bind", "urgent"]


def test_a_happening_moves_the_whole_case(small_house: House) -> None:
    """Move to: everything is cancelled, and one step comes instead."""
    house = small_house
    case_id = story(
        house,
        PARALLEL.format(join="{all of: [papers, offer, price]}").replace(
            "steps:", "steps:\n  decide: {action: decide, outcomes: {done: {end: bad}}}"
        ),
        begin="[papers, offer, price]",
        more="on: {client.blacklisted: {move to: decide}}\n",
    )

    report(house, "client.blacklisted", "C-1", "client")

    assert house.steps(case_id) == ["decide"]


def test_a_happening_about_another_client_is_not_heard(small_house: House) -> None:
    """Only what the subject reaches."""
    house = small_house
    house.client("C-2", "Benas")
    house.term("P-2", "C-2")
    case_id = house.start()

    report(house, "policy.cancelled", "P-2", "policy")

    assert house.case(case_id)["status"] == "running"


CONTACTS = """
steps:
  ask:
    action: ask
    title: Ask {{member.name}}
    for each: client.contacts
    {more}
    outcomes:
      yes: {yes}
      no: {no}
  sum up:
    action: sum up
    {after}
    outcomes: {{done: {{end: good}}}}
  visit: {{action: visit, outcomes: {{done: }}}}
"""


def with_contacts(house: House, *names: str) -> None:
    """The client has people to talk to."""
    for name in names:
        related = house.client(name, name.capitalize(), manager=None)
        house.add(
            parties.party_relations,
            party_id=house.ids["C-1"],
            related_id=related,
            kind="representative",
            since=date(2020, 1, 1),
        )


def test_one_task_for_each_member_and_on_when_all_are_done(small_house: House) -> None:
    """Three contacts, three tasks, then one to sum up."""
    house = small_house
    with_contacts(house, "ada", "bea", "cid")
    case_id = story(house, CONTACTS.format(more="next: sum up", yes="", no="", after=""))

    opened = house.tasks(case_id)
    for task in opened[:2]:
        house.complete(task, "yes")
    before = house.steps(case_id)
    house.complete(opened[2], "no")

    assert [task["member"] for task in opened] == [f"client:{house.ids[name]}" for name in ("ada", "bea", "cid")]
    assert before == ["ask"]
    assert house.steps(case_id) == ["sum_up"]


def test_enough_members_are_enough(small_house: House) -> None:
    """Proceed when two: the third may still answer, but is not waited for."""
    house = small_house
    with_contacts(house, "ada", "bea", "cid")
    more = "next: sum up\n    proceed when: 2"
    case_id = story(house, CONTACTS.format(more=more, yes="", no="", after=""))

    first, second, third = house.tasks(case_id)
    house.complete(first, "yes")
    one = house.steps(case_id)
    house.complete(second, "yes")
    two = house.steps(case_id)
    house.complete(third, "yes")

    assert one == ["ask", "ask"]
    assert two == ["ask", "sum_up"]
    assert house.steps(case_id) == ["sum_up"]


def test_a_member_is_carried_along_its_branch_until_the_join_collects_all(small_house: House) -> None:
    """Whoever says yes is visited; the summing up waits for asking and visiting."""
    house = small_house
    with_contacts(house, "ada", "bea")
    after = "after: {all of: [ask, visit]}"
    case_id = story(house, CONTACTS.format(more="", yes="{next: visit}", no="", after=after))

    ada, bea = house.tasks(case_id)
    house.complete(ada, "yes")
    visit = house.task(case_id, step="visit")
    house.complete(bea, "no")
    before = house.steps(case_id)
    house.complete(visit, "done")

    assert visit["member"] == ada["member"]
    assert before == ["visit"]
    assert (house.steps(case_id), house.task(case_id)["member"]) == (["sum_up"], "")


def test_an_empty_list_counts_as_done(small_house: House) -> None:
    """Nobody to ask: the case goes on at once."""
    house = small_house

    case_id = story(house, CONTACTS.format(more="next: sum up", yes="", no="", after=""))

    assert house.steps(case_id) == ["sum_up"]


def test_the_codes_of_an_answer_are_a_list_too(small_house: House) -> None:
    """Three insurers named, three requests made."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  choose insurers:
    action: decide
    outcomes: {chosen: {next: request, ask: {insurers: {any of: [lumen, aurora, boreas]}}}}
  request:
    action: request
    title: Ask {member.name} for a quote
    for each: case.insurers
    outcomes: {received: }
    next: compare
  compare: {action: compare, outcomes: {done: {end: good}}}
""",
    )

    house.complete(house.task(case_id), "chosen", insurers="lumen, boreas")
    requests = house.tasks(case_id)

    assert [task["member"] for task in requests] == ["lumen", "boreas"]
    assert [house.title(task) for task in requests] == ["Ask Lumen Insurance for a quote", "Ask boreas for a quote"]


CHILD = """
process: child
title: A sub-process
subject: client
start: {by hand: true, assign: client.account_manager}
steps:
  check: {action: check, outcomes: {fine: {end: fine}, wrong: {end: wrong}}}
ends:
  fine: {success: true}
  wrong: {success: false}
"""


def test_a_sub_process_is_waited_for_and_its_end_decides(small_house: House) -> None:
    """The parent rests until the child ends; each end has its own way."""
    house = small_house
    house.publish(CHILD)
    case_id = story(
        house,
        """
steps:
  examine:
    start: {process: child, for: client, wait: true}
    outcomes: {wrong: {end: bad}}
    next: call
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )
    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]

    house.complete(house.task(child["id"]), "wrong")
    before = house.case(case_id)["status"]
    house.tick()

    assert before == "running"
    assert house.case(case_id)["end_code"] == "bad"


def test_a_sub_process_whose_end_is_not_named_lets_the_step_go_on(small_house: House) -> None:
    """What has no way of its own takes the step's."""
    house = small_house
    house.publish(CHILD)
    case_id = story(
        house,
        """
steps:
  examine: {start: {process: child, for: client, wait: true}, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )
    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]

    house.complete(house.task(child["id"]), "fine")
    house.tick()

    assert house.steps(case_id) == ["call"]


def test_a_sub_process_without_waiting_goes_its_own_way(small_house: House) -> None:
    """Parent and child are both at work."""
    house = small_house
    house.publish(CHILD)

    case_id = story(
        house,
        """
steps:
  examine: {start: {process: child, for: client}, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )

    assert house.steps(case_id) == ["call"]
    assert len(house.tasks(step="check")) == 1


def test_a_sub_process_for_each_of_a_list_is_waited_for_until_the_last_ends(small_house: House) -> None:
    """One case per policy of the client; the parent goes on after the second."""
    house = small_house
    house.term("P-2")
    house.publish(CHILD.replace("subject: client", "subject: policy"))
    case_id = story(
        house,
        """
steps:
  examine: {start: {process: child, for each: client.policies, wait: true}, next: call}
  call: {action: call, outcomes: {done: {end: good}}}
""",
    )
    first, second = house.tasks(step="check")

    house.complete(first, "fine")
    house.tick()
    before = house.steps(case_id)
    house.complete(second, "wrong")
    house.tick()

    assert before == []
    assert house.steps(case_id) == ["call"]


def test_ending_the_parent_ends_the_sub_process_it_waited_for(small_house: House) -> None:
    """What nobody waits for any more is not worked on."""
    house = small_house
    house.publish(CHILD)
    case_id = story(
        house,
        """
steps:
  examine: {start: {process: child, for: client, wait: true}, end: good}
""",
        more="on: {policy.cancelled: {end: bad}}\n",
    )
    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]

    report(house, "policy.cancelled", "P-1", "policy")

    assert house.case(child["id"])["end_code"] == "cancelled"
    assert house.tasks(child["id"]) == []


def test_an_end_starts_what_follows_it(small_house: House) -> None:
    """Lost is followed by winning back."""
    house = small_house
    house.publish(CHILD)
    house.publish(
        HEAD
        + """
steps:
  call: {action: call, outcomes: {done: {end: good}}}
ends:
  good: {success: true, start: {process: child, for: client}}
"""
    )
    case_id = house.start("story")

    done = house.complete(house.task(case_id), "done")

    (child,) = [row for row in house.rows(work.cases) if row["parent_id"] == case_id]
    assert done.started == (child["id"],)
    assert house.steps(child["id"]) == ["check"]


def test_a_process_that_is_not_published_cannot_be_started_and_nothing_is_kept(small_house: House) -> None:
    """The person who completes hears why."""
    house = small_house
    house.publish(
        HEAD
        + """
steps:
  call: {action: call, outcomes: {done: {end: good}}}
ends:
  good: {success: true, start: {process: unknown, for: client}}
"""
    )
    case_id = house.start("story")

    with pytest.raises(NotPublished, match="There is no process 'unknown'"):
        house.complete(house.task(case_id), "done")


def test_a_field_is_set_to_a_value_to_today_and_to_an_answer(small_house: House) -> None:
    """The book is changed by the step, and the ledger says which fields."""
    house = small_house
    case_id = story(
        house,
        """
steps:
  call: {action: call, outcomes: {done: {next: mark, ask: {until: date}}}}
  mark:
    set: {term.renews: no, term.ended_on: today, client.tier: vip, term.notice_by: {from: case.until}}
    end: good
""",
    )

    house.complete(house.task(case_id), "done", until="2026-04-01")

    (term,) = house.rows(contracts.terms)
    assert (term["renews"], term["ended_on"], term["notice_by"]) == ("no", date(2026, 3, 2), date(2026, 4, 1))
    assert house.rows(parties.parties)[0]["tier"] == "vip"


RECORD = """
steps:
  bind:
    action: bind
    outcomes:
      bound: {next: next term, ask: {premium: money, number: {type: text, optional: true}}}
  next term:
    record: next term
    from: {premium_gross: case.premium, policy_number: case.number}
    end: good
"""


def test_the_next_term_is_recorded_on_the_same_policy(small_house: House) -> None:
    """As long as the one before, beginning where it ended, bound now."""
    house = small_house
    case_id = story(house, RECORD)

    house.complete(house.task(case_id), "bound", premium="130.40 EUR")

    old, new = house.rows(contracts.terms)
    assert (new["policy_id"], new["sequence"], new["renewed_term_id"]) == (old["policy_id"], 2, old["id"])
    assert (new["starts_on"], new["expires_on"]) == (date(2026, 3, 31), date(2027, 3, 31))
    assert (new["stage"], new["premium_gross"], new["bound_at"]) == ("bound", Decimal("130.40"), house.now)
    assert [row["kind"] for row in house.rows(work.happenings)] == ["term.bound"]


def test_the_next_term_may_be_another_policy(small_house: House) -> None:
    """A new number makes a new policy of the same client."""
    house = small_house
    case_id = story(house, RECORD)

    house.complete(house.task(case_id), "bound", premium="99", number="P-77")

    old, new = house.rows(contracts.policies)
    assert (new["number"], new["client_id"], new["insurer_id"]) == ("P-77", old["client_id"], old["insurer_id"])
    assert house.rows(contracts.terms)[1]["sequence"] == 1


def test_a_term_is_not_renewed_twice(small_house: House) -> None:
    """The second case is refused, in words."""
    house = small_house
    case_id = story(house, RECORD)
    house.add(
        contracts.terms,
        policy_id=house.ids["P-1"],
        sequence=2,
        expires_on=date(2027, 3, 31),
        renewed_term_id=house.ids["term P-1"],
    )

    with pytest.raises(TermAlreadyRenewed) as refused:
        house.complete(house.task(case_id), "bound", premium="99")

    assert str(refused.value) == (
        f"Case {case_id} cannot record the next term of policy P-1, because there is one already. "
        "Look at the policy; if this case is the mistake, void it."
    )


def test_an_ad_hoc_task_lives_beside_the_plan(small_house: House) -> None:
    """It has a due time, reminders and an outcome of its own, and the case goes on without it."""
    house = small_house
    case_id = house.start()

    task_id = house.add_task("Ask for the photos", subject_type="client", subject_id=house.ids["C-1"])
    task = house.task(id=task_id)
    house.complete(task_id, "done", by="jonas")

    assert (task["case_id"], task["assignee_id"], task["title"]) == (None, house.ids["jonas"], "Ask for the photos")
    assert task["due_at"] == house.at("2026-03-02 17:00")
    assert task["next_what"] == "remind"
    assert house.steps(case_id) == ["call"]
