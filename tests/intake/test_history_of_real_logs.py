"""Two real event logs come in as worked tasks; figures and terms equal what is counted in the files themselves."""

from __future__ import annotations

import gzip
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import mean, stdev
from typing import Any
from xml.etree.ElementTree import Element, iterparse

import pytest
from sqlalchemy import Connection, func, select

from core.actor import Actor, Door
from intake.history.history_report import HistoryReport
from intake.history.importing_log import Request, import_history
from models.people import employees
from models.work import TaskStatus, cases, holds, tasks
from reports.assignment import Question
from reports.dimension import By
from reports.event_log.durations import durations_report
from reports.period import Period
from reports.renewals import renewals_report
from tasks.record.rebuild import rebuild_holds

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
WHOLE = os.environ.get("TAKTAS_LONG_TESTS") == "1"
FIRST_CASES, FEW_CASES = 250, 60


@dataclass(kw_only=True)
class Counted:
    """What the file itself says, counted without taktas. `durations` and `events`: by resource and activity."""

    cases: int = 0
    events: int = 0
    unpaired: int = 0
    complete_without_start: int = 0
    durations: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    told: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))


def _own_tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _traces(path: Path) -> Iterator[list[dict[str, str]]]:
    """Each trace as its events, read with nothing but the parser."""
    with gzip.open(path) as file:
        for _, element in iterparse(file):  # noqa: S314 - a file of the test's own choice
            if _own_tag(element) == "trace":
                found = [child for child in element if _own_tag(child) == "event"]
                yield [{part.get("key", ""): part.get("value", "") for part in event} for event in found]
                element.clear()


def _count(path: Path) -> Counted:
    """First START, first COMPLETE: each activity of a case has its own queue."""
    counted = Counted()
    for trace in _traces(path):
        counted.cases += 1
        begun: dict[str, list[datetime]] = defaultdict(list)
        for event in trace:
            activity, who = event["concept:name"], event.get("org:resource", "")
            transition, at = event["lifecycle:transition"].lower(), datetime.fromisoformat(event["time:timestamp"])
            counted.events += 1
            counted.told[who, activity] += 1
            if transition == "start":
                begun[activity].append(at)
            elif transition == "complete" and begun[activity]:
                counted.durations[who, activity].append((at - begun[activity].pop(0)).total_seconds())
            elif transition == "complete":
                counted.complete_without_start += 1
    return counted


def _cut(path: Path, target: Path, most: int) -> Path:
    """The head of a log: its first cases."""
    with gzip.open(path, "rt", encoding="utf-8") as file, gzip.open(target, "wt", encoding="utf-8") as written:
        count = 0
        for line in file:
            written.write(line)
            count += "</trace>" in line
            if count >= most:
                break
        written.write("</log>\n")
    return target


def _import(db: Connection, path: Path, mapping: str, **more: Any) -> HistoryReport:
    request = Request(path=path, at=AT, actor=Actor(door=Door.IMPORT), map_path=EXAMPLES / mapping, **more)
    return import_history(db, request)


def _question(*by: By, process: str) -> Question:
    period = Period(first=date(2010, 1, 1), last=date(2012, 12, 31), zone="UTC")
    return Question(period=period, by=by, as_of=AT, only=((By.PROCESS, process),))


def _figures(db: Connection, process: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Login and activity -> what the report says."""
    report = durations_report(db, _question(By.EMPLOYEE, By.ACTION, process=process))
    logins = dict(db.execute(select(employees.c.id, employees.c.login)).all())
    return {(logins.get(row["employee"], ""), row["action_name"]): dict(row) for row in report.sheets[0].rows}


def _compare(db: Connection, counted: Counted, process: str) -> None:
    found = _figures(db, process)
    assert {key: row["events"] for key, row in found.items() if row["events"]} == dict(counted.told)
    assert {key: row["items"] for key, row in found.items() if row["items"]} == {
        key: len(seconds) for key, seconds in counted.durations.items()
    }
    for key, seconds in counted.durations.items():
        row = found[key]
        assert row["mean_seconds"] == pytest.approx(mean(seconds), abs=1e-3)
        assert row["shortest_seconds"] == pytest.approx(min(seconds), abs=1e-6)
        assert row["longest_seconds"] == pytest.approx(max(seconds), abs=1e-6)
        if len(seconds) > 1:
            assert row["deviation_seconds"] == pytest.approx(stdev(seconds), rel=1e-9, abs=1e-3)
        else:
            assert row["deviation_seconds"] is None


@pytest.fixture
def bpic(real_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """BPIC 2012: whole where long tests are asked for, else its head."""
    path = real_data("event_logs") / "bpic2012.xes.gz"
    return path if WHOLE else _cut(path, tmp_path / "bpic2012.xes.gz", FIRST_CASES)


@pytest.fixture
def few(real_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """The first few cases of BPIC 2012."""
    return _cut(real_data("event_logs") / "bpic2012.xes.gz", tmp_path / "few.xes.gz", FEW_CASES)


def test_figures_of_loan_applications_equal_those_counted_in_the_file(db: Connection, bpic: Path) -> None:
    """By employee and activity: events, mean, shortest, longest, deviation; a COMPLETE without START has none."""
    counted = _count(bpic)

    report = _import(db, bpic, "event_logs/bpic2012.map.yaml")

    assert (report.cases, report.events, report.refused) == (counted.cases, counted.events, 0)
    assert report.items == sum(map(len, counted.durations.values()))
    without = sum(count for (transition, _), count in report.unpaired.items() if transition == "complete")
    assert without == counted.complete_without_start
    of_work = (n for (what, name), n in report.unpaired.items() if what == "complete" and name.startswith("W_"))
    assert report.never_begun == sum(of_work) > 0
    if WHOLE:
        assert (report.cases, report.events, report.items, report.never_begun) == (13_087, 262_200, 71_373, 1_040)
    _compare(db, counted, "loan_application")


def test_holds_of_imported_work_are_those_the_ledger_tells(db: Connection, few: Path) -> None:
    """Rebuilding all holds from the ledger gives the same holds."""
    facts = ("task_id", "employee_id", "began_at", "ended_at", "working_seconds", "waiting_seconds", "ended_by")
    asked = select(*(holds.c[name] for name in facts)).order_by(holds.c.task_id, holds.c.began_at)
    _import(db, few, "event_logs/bpic2012.map.yaml")
    written = db.execute(asked).all()

    rebuild_holds(db)

    assert written
    assert db.execute(asked).all() == written


def test_a_log_goes_in_once(db: Connection, few: Path) -> None:
    """The same file again changes nothing; every case is over and no task waits for anybody."""
    first = _import(db, few, "event_logs/bpic2012.map.yaml")

    again = _import(db, few, "event_logs/bpic2012.map.yaml")

    assert (again.cases, again.unchanged, again.refused) == (0, first.cases, 0)
    assert db.scalar(select(func.count()).select_from(cases)) == first.cases
    waiting = select(func.count()).where(tasks.c.next_at.is_not(None) | (tasks.c.status != TaskStatus.DONE.value))
    assert db.scalar(waiting) == 0
    assert db.scalar(select(func.count()).where(cases.c.status != "ended")) == 0


def test_a_log_without_beginnings_brings_events_and_no_durations(
    db: Connection, real_data: Callable[[str], Path]
) -> None:
    """The receipt log has only COMPLETE: 8,577 moments of 48 people, not one invented duration."""
    path = real_data("event_logs") / "08_receipt.xes.gz"
    counted = _count(path)

    report = _import(db, path, "event_logs/receipt.map.yaml")

    assert (report.cases, report.events, report.items, len(report.made)) == (1_434, 8_577, 0, 48)
    assert sum(report.unpaired.values()) == 8_577
    assert db.scalar(select(func.count()).select_from(tasks)) == 0
    _compare(db, counted, "permit_receipt")


def test_renewals_without_dates_are_worked_in_the_declared_term(
    db: Connection, real_data: Callable[[str], Path]
) -> None:
    """Of 23,060 renewals 20,106 were won; the interval is Wilson's."""
    path = real_data("casdatasets") / "eudirectlapse.csv"

    report = _import(db, path, "eudirectlapse/renewals.map.yaml")

    assert (report.cases, report.items, report.refused) == (23_060, 0, 0)
    period = Period(first=date(2025, 1, 1), last=date(2025, 12, 31), zone="UTC")
    told = renewals_report(db, Question(period=period, by=(), as_of=AT), process="motor_renewal")
    (row,) = told.sheets[0].rows
    assert (row["won"], row["renewals"], row["lapsed"]) == (20_106, 23_060, 2_954)
    assert row["won_rate"] == 20_106 / 23_060
    assert (row["won_rate_low"], row["won_rate_high"]) == pytest.approx((0.867524, 0.876151), abs=1e-6)
