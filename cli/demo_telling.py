"""What the demo says: one line per stage, small tables, and three commands to try next."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from cli.choices import choices
from cli.output import Column, say, show_json, table
from cli.progress import progress

if TYPE_CHECKING:
    from intake.sample.brokerage import Sample
    from intake.sample.day import Day
    from reports.efficiency import Efficiency
    from tasks.beat.ticking import TickReport
    from tasks.generation.running import RunReport

WORDS = {
    "employees": "people",
    "clients": "clients",
    "policies": "policies",
    "insurers": "insurers",
    "product_lines": "product lines",
    "absences": "absences",
    "documents": "mandates",
}
DAY = (
    Column("name", "Who"),
    Column("done", "Done", is_number=True),
    Column("late", "of these late", is_number=True),
    Column("waiting", "Waits for the client", is_number=True),
    Column("opened", "Next tasks", is_number=True),
    Column("ended", "Cases ended"),
)
FIGURES = ("Who", "Team", "Assigned", "On time", "Success", "Median hours")


@dataclass(slots=True)
class Story:
    """The story so far; `facts` is what a machine reads of it."""

    monday: date
    facts: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def stage(self, code: str, what: str) -> Iterator[dict[str, Any]]:
        """One stage: life while it lasts, a line with its time when it is done. Its facts stand under `code`."""
        began = monotonic()
        told = self.facts.setdefault(code, {})
        with progress(what):
            yield told
        told["seconds"] = round(monotonic() - began, 1)
        say(f"{what}: {told['seconds']} s")

    def tell_house(self, sample: Sample) -> None:
        """What was built."""
        brought = self.facts["book"]
        counted = ", ".join(f"{brought[kind]:,} {word}" for kind, word in WORDS.items() if kind in brought)
        cases = self.facts["past"]["cases"]
        fleets = sum(kind == "fleet" for kind, _ in sample.book.programmes.values())
        say(
            f"\n  The house: {counted};\n  {fleets} fleets, {len(sample.book.programmes) - fleets} households, "
            f"and {cases:,} renewals worked since {sample.opened_at:%B}. Everybody in it is made up.\n"
            f"  Its files lie in {sample.folder}: import one again to see what an import says.\n"
        )

    def tell_look_ahead(self, report: RunReport) -> None:
        """What a run would do."""
        out = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in report.tally.left_out.items())
        self.facts["look_ahead"] |= {"cases": report.tally.cases, "left_out": dict(report.tally.left_out)}
        say(
            f"  A dry run first, which writes nothing: {report.tally.cases} cases would start, "
            f"{sum(report.tally.left_out.values())} left out ({out or 'nothing'}).\n"
        )

    def tell_run(self, report: RunReport) -> None:
        """What the run did."""
        self.facts["run"] |= {"run": report.run_id, "cases": report.tally.cases, "tasks": report.tally.tasks}
        say(
            f"  Run {report.run_id} of {report.version}: {report.tally.cases} cases started with "
            f"{report.tally.tasks} first tasks (a fleet or household is one call).\n"
        )

    def tell_tick(self, report: TickReport) -> None:
        """What was due."""
        self.facts["tick"]["counts"] = dict(report.kinds)
        say(f"  {report.words or 'Nothing was due'}.\n")

    def tell_day(self, days: Sequence[Day]) -> None:
        """Who did what."""
        self.facts["day"]["people"] = [
            {"login": day.login, "away": day.is_away, "done": day.done, "ended": dict(day.ended)} for day in days
        ]
        rows = [[_cell(day, column.key) for column in DAY] for day in days]
        say("\n" + _indented(table(DAY, rows)))
        refused = [sentence for day in days for sentence in day.refused]
        if refused:
            times = "Once" if len(refused) == 1 else f"{len(refused)} times"
            say(f"  {times} the house said no:\n  {refused[0]}\n")

    def tell_sent(self, code: str, count: int, where: str, problem: str | None) -> None:
        """What left the house in that stage."""
        self.facts[code] |= {"messages": count, "where": where}
        say(f"  {count} messages. There is no mail server here, so each is a file in {where}.")
        say(f"  {problem}\n" if problem else "")

    def tell_figures(self, figures: Efficiency, first: date, last: date) -> None:
        """How well everybody worked."""
        from intake.sample.day import people
        from reports.efficiency_table import hours_text, rate_text

        teams = {person.name: person.team for person in people()}
        rows = [
            [
                str(row["employee_name"]),
                teams.get(str(row["employee_name"]), ""),
                str(row["assigned"]),
                rate_text(row, "on_time_rate"),
                rate_text(row, "success_rate"),
                hours_text(row["working_hours_median"]),
            ]
            for row in figures.rows.to_dict("records")
        ]
        columns = [Column(heading, heading, heading in {"Assigned", "Median hours"}) for heading in FIGURES]
        say(f"\n  Work assigned from {first} to {last}; rates are of what was assigned, with their 95 % interval:\n")
        say(_indented(table(columns, rows)))

    def end(self, seconds: float) -> None:
        """How long it took, and where to go on."""
        self.facts["seconds"] = round(seconds, 1)
        if choices().is_json:
            show_json({"monday": self.monday, **self.facts})
            return
        first = f"{self.monday.replace(day=1)}"
        say(f"That was one Monday, in {seconds:.0f} seconds. Three things to try next:\n")
        demo = f"  {own_name()} --house demo"
        say(f"{demo} tasks list --as rasa")
        say(f"{demo} runs list")
        say(f"{demo} report efficiency --from {first} --to {self.monday} --by team --as ona\n")


def own_name() -> str:
    """How the reader calls taktas from the folder they are in: after `make demo` it is not on their path."""
    own = Path(sys.executable).with_name("taktas")
    found = shutil.which("taktas")
    if not own.exists() or (found and Path(found).resolve() == own.resolve()):
        return "taktas"
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd()) else str(own)


def _cell(day: Day, key: str) -> str:
    if key == "name":
        return f"{day.name} (away)" if day.is_away else day.name
    if key == "ended":
        return ", ".join(f"{count} {code}" for code, count in sorted(day.ended.items()))
    value = getattr(day, key)
    return str(value) if value else ""


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
