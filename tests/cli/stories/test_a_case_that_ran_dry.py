"""Somebody calls off the last task of a case that another waits for, and is told the way on at every door."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from standards.definition_folder import library_folder

Office = Any

AT, MANAGER = ["--as-of", "2026-03-02T12:00"], ["--as", "ona"]
CHECKING = """\
process: checking
title: {en: Checking, lt: Tikrinimas, es: Comprobación}
subject: client
start: {by hand: true}
steps:
  check:
    action: review
    title: {en: Check, lt: Patikrinti, es: Comprobar}
    assign: queue
    outcomes:
      fine: {label: {en: Fine, lt: Gerai, es: Bien}, end: fine}
ends:
  fine: {success: true}
"""
ASKING = """\
process: asking
title: {en: Asking, lt: Klausimas, es: Pregunta}
subject: term
start: {by hand: true}
steps:
  ask: {start: {process: checking, for: client, wait: true}, end: done}
ends:
  done: {success: true}
"""


def _begin(office: Office) -> tuple[int, int]:
    folder: Path = office.folder / "definitions"
    shutil.copytree(library_folder(), folder)
    (folder / "processes" / "checking.yaml").write_text(CHECKING, encoding="utf-8")
    (folder / "processes" / "asking.yaml").write_text(ASKING, encoding="utf-8")
    office.publish(str(folder), as_of="2026-02-01")
    office.policies("P-1,1,2025-06-01,2026-06-01", as_of="2026-03-01")
    parent = office.ask("cases", "start", "asking", "term:P-1", *MANAGER, *AT)["case"]
    (child,) = (case["id"] for case in office.ask("cases", "list", "--process", "checking"))
    return parent, child


def test_the_last_task_is_called_off_with_an_end(office: Office) -> None:
    """The refusal names the option; the parent goes on at the next beat."""
    parent, child = _begin(office)
    (task,) = (str(row["id"]) for row in office.ask("tasks", "list", *MANAGER, *AT))
    waiting = office.cli("cases", "show", str(parent), *AT).out
    cancel = ["tasks", "cancel", task, "--reason", "duplicate", *MANAGER, *AT]

    refused = office.cli(*cancel, fails=True).err
    done = office.cli(*cancel, "--end", "fine").out
    office.cli("tick", *AT)

    assert f"waits: ask, for case {child}, since Mon 2026-03-02 12:00" in waiting
    assert f"case {parent} waits for how that ends. Say how it ends: --end, one of fine." in refused
    assert f"Case {child} has ended: fine." in done
    assert office.ask("cases", "list") == []


def test_a_case_that_nobody_waits_for_is_ended_later(office: Office) -> None:
    """What was left is said when it happens, on the case, and by the doctor; an end by hand heals it."""
    _begin(office)
    alone = office.ask("cases", "start", "checking", "client:K1", *MANAGER, *AT)
    (task,) = map(str, alone["tasks"])
    case = str(alone["case"])

    told = office.cli("tasks", "cancel", task, "--reason", "duplicate", *MANAGER, *AT).out
    shown = office.cli("cases", "show", case, *AT).out
    found = office.cli("doctor", "--json", fails=True).data
    wrong = office.cli("cases", "end", case, "fin", *MANAGER, *AT, fails=True).err
    ended = office.cli("cases", "end", case, "fine", *MANAGER, *AT).out

    way = f"Nothing is left to do in case {case}, and it has not ended. Say how it ended (taktas cases end {case})"
    assert way in told
    assert way in shown
    assert {"check": "stuck_cases", "examples": [int(case)]}.items() <= next(
        finding for finding in found if finding["check"] == "stuck_cases"
    ).items()
    assert wrong == "checking has no end 'fin'; did you mean fine? It ends as one of: fine.\n"
    assert ended == f"Case {case} has ended as fine.\n"
