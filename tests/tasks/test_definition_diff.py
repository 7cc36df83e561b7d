"""What differs between two versions, told line by line."""

from __future__ import annotations

from datetime import date

import pytest

from standards.parsing import process_of
from standards.working_time.calendar import CalendarDefinition, resolve
from tasks.handbooks.book_sources import read_sources
from tasks.handbooks.difference import book_changes, calendar_changes, process_changes

PROCESS = """\
process: renewal
title: Policy renewal
subject: term
start: {schedule: every monday at 06:00, when: 45 days before term.expires_on}
steps:
  call:
    action: call
    no later than: 3 working days before term.expires_on
    outcomes:
      renewed: {end: won}
      thinking: {repeat in: 3 working days, at most: 3, then: {end: lost}}
  letter:
    send: reminder
    end: lost
ends:
  won: {success: true}
  lost: {success: false}
"""
STANDARDS = "standards:\n  calls:\n    for: {action: call}\n    due: 2 working days\n  visits:\n    due: 1 week\n"
LISTS = "tiers:\n  vip: VIP\n  standard: {en: Standard, lt: Įprastas, es: Estándar}\n"
SETTINGS = "class: service\n"


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("call", "call", []),
        ("45 days", "60 days", ["~ start: ", "60 days before term.expires_on"]),
        ("title: Policy renewal", "title: Renewal", ["~ title: "]),
        ("3 working days before", "5 working days before", ["~ step call: no later than: 3 working days before"]),
        ("      renewed: {end: won}\n", "", ["~ step call: outcome renewed removed"]),
        (
            "      renewed: {end: won}\n",
            "      renewed: {end: won}\n      bought: {end: won}\n",
            ["~ step call: outcome bought added"],
        ),
        ("at most: 3", "at most: 2", ["~ step call: outcome thinking: at most: 3 → 2"]),
        ("  lost: {success: false}", "  lost: {success: not counted}", ["~ end lost: success: false → not counted"]),
        ("  letter:\n    send: reminder\n    end: lost\n", "", ["- step letter"]),
    ],
)
def test_a_change_of_a_process_is_one_line(before: str, after: str, lines: list[str]) -> None:
    """Steps, outcomes, limits, starts and ends by name."""
    told = process_changes(process_of(PROCESS), process_of(PROCESS.replace(before, after)))

    assert len(told) == (1 if lines else 0)
    assert all(line in told[0] for line in lines)


def test_of_what_is_too_long_for_a_line_the_part_that_differs_is_told() -> None:
    """Two starts that begin alike would be cut short to the same words."""
    starts = """start:
- schedule: every monday at 06:00
  when: 45 days before term.expires_on
  where: {term.placed: by us, term.renews: [by offer, anniversary]}
  group: programme
- by hand: true
"""
    long = PROCESS.replace("start: {schedule: every monday at 06:00, when: 45 days before term.expires_on}\n", starts)
    regrouped = long.replace("programme", "client within 30 days")

    told = process_changes(process_of(long), process_of(regrouped))

    assert told == ("~ start 1: group: programme → client within 30 days",)


def test_a_first_version_has_nothing_to_differ_from() -> None:
    """It is new as a whole."""
    assert process_changes(None, process_of(PROCESS)) == ()


def test_a_new_order_of_steps_is_a_change() -> None:
    """The first step begins."""
    head, call, rest = PROCESS.partition("  call:\n")
    body, letter, tail = rest.partition("  letter:\n    send: reminder\n    end: lost\n")
    turned = f"{head}{letter}{call}{body}{tail}"

    told = process_changes(process_of(PROCESS), process_of(turned))
    same_start = process_changes(process_of(PROCESS), process_of(turned.replace("steps:", "begin: call\nsteps:")))

    assert told == ("~ begin: call → letter",)
    assert same_start == ("~ the order of the steps",)


@pytest.mark.parametrize(
    ("file", "before", "after", "lines"),
    [
        (
            "standards/a.yaml",
            "2 working days",
            "3 working days",
            ["~ standard calls: due: 2 working days → 3 working days"],
        ),
        (
            "standards/a.yaml",
            "{action: call}",
            "{action: [call, write]}",
            ["~ standard calls: for: action: call → action: call or write"],
        ),
        (
            "standards/a.yaml",
            "    due: 1 week\n",
            "    due: 1 week\n    effort: 1 hour\n",
            ["~ standard visits: effort: nothing → 1 hour"],
        ),
        (
            "standards/a.yaml",
            "visits",
            "trips",
            ["+ standard trips", "- standard visits"],
        ),
        ("standards/a.yaml", "standards:", "order: [step]\nstandards:", ["~ order: campaign, client.tier, step"]),
        ("lists.yaml", "  vip: VIP\n", "", ["- vip from the list of tiers"]),
        ("lists.yaml", "  vip: VIP\n", "  vip: VIP\n  gold: Gold\n", ["+ gold in the list of tiers"]),
        ("lists.yaml", "Įprastas", "Standartinis", ["~ label of standard in the list of tiers"]),
        ("letters/reminder/letter.yaml", "service", "marketing", ["~ settings of the letter reminder"]),
    ],
)
def test_a_change_of_the_book_is_one_line(file: str, before: str, after: str, lines: list[str]) -> None:
    """Standards field by field, lists code by code."""
    sources = {"standards/a.yaml": STANDARDS, "lists.yaml": LISTS, "letters/reminder/letter.yaml": SETTINGS}
    changed = {**sources, file: sources[file].replace(before, after)}

    told = book_changes(read_sources(sources), read_sources(changed))

    assert len(told) == len(lines)
    assert all(one.startswith(line) for one, line in zip(told, lines, strict=True))


def test_a_change_of_a_calendar_names_the_days() -> None:
    """As many as fit on a line."""
    days = date(2026, 3, 1), date(2026, 3, 31)
    house = {"calendar": "house", "zone": "Europe/Vilnius", "hours": {"monday to friday": "08:00-17:00"}}

    def resolved(**more: object) -> tuple[str, ...]:
        before, after = CalendarDefinition.model_validate(house), CalendarDefinition.model_validate({**house, **more})
        return calendar_changes(resolve([before], *days), resolve([after], *days))

    assert resolved(title="Ours") == ("~ its description",)
    assert resolved(zone="Europe/Madrid") == ("~ zone: Europe/Vilnius → Europe/Madrid",)
    assert resolved(**{"closed days": ["2026-03-11", "2026-03-12"]}) == ("~ hours of 2026-03-11, 2026-03-12",)
    assert resolved(hours={"monday to friday": "08:00-16:00"}) == (
        "~ hours of 2026-03-02, 2026-03-03, 2026-03-04, 2026-03-05, 2026-03-06 and 17 more",
    )
    assert calendar_changes(None, resolve([CalendarDefinition.model_validate(house)], *days)) == ()
