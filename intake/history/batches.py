"""Cases of a log on their way in: those that are here already, those that are not whole, and the rest, written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from intake.cells.problem import RowProblems
from intake.history.case_making import CaseMaker
from intake.history.log_case import Log, LogCase
from intake.history.row_log import RowLog
from intake.history.xes_mending import XesMendFile
from models.history import imported_cases
from tasks.record.log_writing import LoggedCase, write_logged

CASES_AT_ONCE = 500
EVENTS_AT_ONCE = 5_000

OTHERWISE_HERE = (
    "a case of that name is already here with other events; history is not rewritten. "
    "Import it into a process of its own (--process), or leave it out"
)


@dataclass(slots=True, kw_only=True)
class Batches:
    """The cases of one log on their way in, a batch at a time. Without a process nothing is written."""

    db: Connection
    log: Log
    maker: CaseMaker
    process_id: int | None
    log_id: int | None
    problems: RowProblems
    mending: XesMendFile | None
    on_cases: Callable[[int], None]
    batch: list[LogCase] = field(default_factory=list)
    written: int = 0
    unchanged: int = 0
    refused: int = 0
    named: dict[str, str] = field(default_factory=dict)  # of a dry run: what it has seen

    def run(self) -> None:
        """Every case, in batches."""
        size = 0
        for case in self.log.cases():
            self.batch.append(case)
            size += len(case.events)
            if len(self.batch) >= CASES_AT_ONCE or size >= EVENTS_AT_ONCE:
                self._settle()
                size = 0
        self._settle()

    def _settle(self) -> None:
        known = self._known([case.number for case in self.batch])
        ready: list[LoggedCase] = []
        for case in self.batch:
            made = self._judged(case, known)
            if made is not None:
                ready.append(made)
                known[case.number] = made.content_hash
            elif case.trouble:
                self._refuse(case)
        if self.process_id is not None and self.log_id is not None:
            write_logged(self.db, ready, process_id=self.process_id, log_id=self.log_id)
        else:
            self.named |= {made.number: made.content_hash for made in ready}
        self.written += len(ready)
        self.on_cases(len(self.batch))
        self.batch.clear()

    def _judged(self, case: LogCase, known: Mapping[str, str]) -> LoggedCase | None:
        """The case if it is new and whole; else None, with its trouble noted unless it is here already."""
        before = known.get(case.number)
        if before is not None and case.number and before == case.content_hash:
            self.unchanged += 1
            return None
        self.maker.look_over(case)
        if before is not None and case.number:
            case.trouble.append((case.line, OTHERWISE_HERE))
        return None if case.trouble else self.maker.make(case)

    def _known(self, numbers: list[str]) -> dict[str, str]:
        found = {number: self.named[number] for number in numbers if number in self.named}
        if self.process_id is None:
            return found
        its = imported_cases.c
        asked = select(its.number, its.content_hash).where(its.process_id == self.process_id, its.number.in_(numbers))
        return found | dict(self.db.execute(asked).all())

    def _refuse(self, case: LogCase) -> None:
        self.refused += 1
        for line, reason in case.trouble:
            self.problems.refuse(line, "", reason)
        if self.mending is not None:
            self.mending.add(case, self.log.header)
        elif isinstance(self.log, RowLog):
            for line in {event.line for event in case.events} - {line for line, _ in case.trouble}:
                self.problems.refuse(line, "", f"another row of the case {case.number} was refused")
