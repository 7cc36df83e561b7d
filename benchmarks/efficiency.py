"""How fast efficiency by employee, action and product is told, against the same aggregate in plain SQL.

The plain statement is what somebody who knows the tables would write by hand for the same figures: assigned, done,
on time, late, mean, median and ninetieth of the hours, waiting, effort, cases and those that succeeded, per group and
for all together. The report adds late reasons and intervals, and shapes the result. The usual report (the last whole
month) is then asked of the snapshot.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import median
from typing import Any

from pandas.testing import assert_frame_equal
from scenery.house import outside_transaction, throwaway_house
from scenery.worked import write_finished_work
from sqlalchemy import text

from models.database import begin, read
from reports.assignment import Question
from reports.dimension import By
from reports.efficiency import efficiency
from reports.period import Period
from reports.snapshot import take_snapshot
from reports.snapshot_reading import efficiency_of_snapshot, kept_cells

AS_OF = datetime(2026, 9, 1, tzinfo=UTC)
ZONE = "Europe/Vilnius"
ALWAYS = Period(first=date(2023, 1, 1), last=date(2026, 8, 31), zone=ZONE)
LAST_MONTH = Period(first=date(2026, 2, 1), last=date(2026, 2, 28), zone=ZONE)
QUESTION = Question(period=ALWAYS, by=(By.EMPLOYEE, By.ACTION, By.PRODUCT), as_of=AS_OF)

PLAIN = text(
    """
    SELECT h.employee_id, r.action, r.product_line, count(*) AS assigned,
        count(*) FILTER (WHERE h.ended_by = 'done') AS done,
        count(*) FILTER (WHERE h.ended_by = 'done' AND h.ended_at <= coalesce(t.due_at, t.limit_at)) AS on_time,
        count(*) FILTER (WHERE h.ended_at > coalesce(t.due_at, t.limit_at)) AS late,
        avg(h.working_seconds) FILTER (WHERE h.ended_by = 'done') / 3600 AS mean,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY h.working_seconds) FILTER (WHERE h.ended_by = 'done') / 3600,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY h.working_seconds) FILTER (WHERE h.ended_by = 'done') / 3600,
        avg(h.waiting_seconds) FILTER (WHERE h.ended_by = 'done') / 3600 AS waited,
        sum(t.spent_minutes), sum(r.effort_minutes) FILTER (WHERE t.spent_minutes IS NOT NULL),
        count(DISTINCT c.id) AS cases, count(DISTINCT c.id) FILTER (WHERE c.is_success) AS succeeded
    FROM holds h
    JOIN tasks t ON t.id = h.task_id
    JOIN resolutions r ON r.id = t.resolution_id
    LEFT JOIN cases c ON c.id = t.case_id
    WHERE h.began_at >= :first AND h.began_at < :after
    GROUP BY GROUPING SETS ((h.employee_id, r.action, r.product_line), ())
    """
)


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it took, and what came of it."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def compare(repeats: int) -> None:
    """Print the report's time against the plain statement's, each the best of so many, taken in turn."""
    plain_took, report_took = [], []
    told: Any = None
    counted: list[Any] = []
    for _ in range(repeats):
        with read() as db:
            took, counted = seconds(lambda: db.execute(PLAIN, {"first": ALWAYS.start, "after": ALWAYS.end}).all())
            plain_took.append(took)
        with read() as db:
            took, told = seconds(lambda: efficiency(db, QUESTION))
            report_took.append(took)
    whole = next(row for row in counted if row.employee_id is None)
    ours = told.total.iloc[0]
    assert (whole.assigned, whole.on_time, whole.late) == (ours.assigned, ours.on_time, ours.late)
    assert (whole.cases, whole.succeeded) == (ours.cases, ours.succeeded)
    assert abs(float(whole.mean) - ours.working_hours_mean) < 1e-9
    print(f"{ours.assigned:,} finished tasks in {len(told.rows):,} groups")
    print(f"report           {min(report_took):7.2f} s")
    print(f"plain SQL        {min(plain_took):7.2f} s")
    print(f"ratio            {min(report_took) / min(plain_took):7.2f}   (asked: at most 1.3)")


def ask_the_snapshot(repeats: int) -> None:
    """Print how long the snapshot takes to make, and how fast the usual report is told from it."""
    took, made = seconds(lambda: take_snapshot(AS_OF))
    print(f"first snapshot   {took:7.2f} s for {made.days:,} days")
    took, made = seconds(lambda: take_snapshot(AS_OF))
    print(f"the next one     {took:7.2f} s for {made.days:,} days")
    outside_transaction("VACUUM ANALYZE snapshot_figures")
    usual = replace(QUESTION, period=LAST_MONTH)
    sql_took, whole_took = [], []
    with read() as db:
        for _ in range(repeats):
            sql_took.append(seconds(lambda: db.execute(kept_cells(usual)).all())[0])
            whole_took.append(seconds(lambda: efficiency_of_snapshot(db, usual))[0])
        kept, anew = efficiency_of_snapshot(db, usual), efficiency(db, usual)
    assert_frame_equal(kept.rows, anew.rows, check_exact=True)
    assert_frame_equal(kept.total, anew.total, check_exact=True)
    whole, in_sql = (1000 * median(took) for took in (whole_took, sql_took))
    print(f"the usual report {whole:7.0f} ms   (asked: under 200 ms), of which SQL {in_sql:.0f} ms; ", end="")
    print("equal to the figures counted anew")


def main() -> None:
    """Measure in a throwaway house."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tasks", type=int, default=5_000_000)
    asked.add_argument("--repeats", type=int, default=3)
    given = asked.parse_args()
    with throwaway_house():
        with begin() as db:
            write_finished_work(db, given.tasks)
        outside_transaction("VACUUM ANALYZE")
        compare(given.repeats)
        ask_the_snapshot(given.repeats)


if __name__ == "__main__":
    main()
