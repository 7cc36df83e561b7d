"""The picture of a process shows its steps, its ways and what happens beside them."""

from __future__ import annotations

from standards.diagram import mermaid
from standards.parsing import process_of

PROCESS = """\
process: greeting
title: Greeting
subject: client
start:
  - {on: lead.created}
  - {by hand: true}
steps:
  call:
    action: call
    title: {en: 'Say "hello" to {client.name}', lt: Pasisveikinti}
    deadline: {every: 1 day, at most: 2, keep: true, next: remind}
    outcomes:
      reached: {label: {en: Reached, lt: Pavyko}, next: [write, visit]}
      no answer: {repeat in: 2 days, at most: 3, then: {end: lost}}
  remind:
    send: reminder
  write:
    send: hello
  visit:
    action: visit
    for each: client.contacts
    outcomes:
      done: {}
  meet:
    after: {1 of: [write, visit]}
    wait: 3 days
    next: decide
  decide:
    choose:
      - when: {client.tier: vip}
        next: sale
      - otherwise: sale
  sale:
    start: {process: sale, for: client, wait: true}
    outcomes:
      won: {end: won}
    at most: 1
    then: {end: lost}
    end: lost
on:
  client.blacklisted: {move to: visit}
  client.answered: {end: won}
ends:
  won: {success: true, title: {en: Greeted, lt: Pasisveikinta}}
  lost: {success: false, start: {process: again, for: client}}
"""

PICTURE = """\
flowchart TD
    start(("lead.created or by hand"))
    start --> step_call
    step_call["Say #quot;hello#quot; to {client.name}"]
    step_remind[/"letter reminder"/]
    step_write[/"letter hello"/]
    step_visit["visit (for each client.contacts)"]
    step_meet(["meet"])
    step_decide{"decide"}
    step_sale[["process sale"]]
    end_won((("Greeted")))
    end_lost((("lost")))
    end_lost -.-> process_again[["process again"]]
    step_call -->|"Reached"| step_write
    step_call -->|"Reached"| step_visit
    step_call -->|"no answer: again in 2 days"| step_call
    step_call -->|"no answer, after 3 times"| end_lost
    step_call -.->|"every 1 day, at most 2 times"| step_remind
    step_write -->|"(1 of 2)"| step_meet
    step_visit -->|"done (1 of 2)"| step_meet
    step_meet -->|"in 3 days"| step_decide
    step_decide -->|"way 1"| step_sale
    step_decide -->|"otherwise"| step_sale
    step_sale -->|"won"| end_won
    step_sale -->|"after the first time"| end_lost
    step_sale --> end_lost
    on1>"on client.blacklisted"]
    on1 -.-> step_visit
    on2>"on client.answered"]
    on2 -.-> end_won
"""


def test_a_process_is_drawn_with_all_its_ways() -> None:
    """Boxes are people's work, slanted boxes letters, double boxes processes; dotted arrows come from beside."""
    assert mermaid(process_of(PROCESS)) == PICTURE


def test_a_picture_speaks_the_readers_language() -> None:
    """Where a text is missing in it, the English one stands."""
    picture = mermaid(process_of(PROCESS), "lt")

    assert 'step_call["Pasisveikinti"]' in picture
    assert 'step_call -->|"Pavyko"| step_write' in picture
    assert 'end_won((("Pasisveikinta")))' in picture


def test_nothing_in_a_title_is_read_as_mermaid() -> None:
    """Brackets, quotes, bars and arrows stay what they are."""
    hostile = PROCESS.replace("Pasisveikinti", "'a\"] --> b; c|d <i>#x`'")

    picture = mermaid(process_of(hostile), "lt")

    assert 'step_call["a#quot;] --#gt; b#59; c#124;d #lt;i#gt;#35;x#96;"]' in picture
