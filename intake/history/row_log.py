"""A table as an event log: events or whole work items a row, or finished cases a row; sorted inside the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, func, select

from core.clock import start_of
from intake.cells.problem import CellRefused, RowProblems
from intake.history.history_mapping import EventColumns, HistoryMapping, WorkedRows
from intake.history.log_case import MOST_EVENTS, LogCase, LogEvent, LogNotReadable, event_of
from intake.history.moments import ReadMoment
from intake.loading.staging import copy_in
from intake.reading.headings import Headings
from intake.reading.row_source import RawRow, RowSource
from models.columns import Json
from tasks.record.log_attributes import Attribute

UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_HEADER: tuple[dict[str, Any], ...] = tuple(
    {
        "tag": "extension",
        "told": {"name": name, "prefix": prefix, "uri": f"http://www.xes-standard.org/{uri}"},
        "holds": [],
    }
    for name, prefix, uri in (
        ("Concept", "concept", "concept.xesext"),
        ("Lifecycle", "lifecycle", "lifecycle.xesext"),
        ("Organizational", "org", "org.xesext"),
        ("Time", "time", "time.xesext"),
    )
)

rows_of_log = Table(
    "rows_of_log",
    MetaData(),
    Column("row", Integer, nullable=False),
    Column("case_name", Text),
    Column("cells", Json, nullable=False),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


class RowLog:
    """An opened table. `problems` takes what is wrong with single rows; those of a case stay together."""

    def __init__(
        self, db: Connection, source: RowSource, mapping: HistoryMapping, read: ReadMoment, problems: RowProblems
    ) -> None:
        self._db, self.source, self._mapping, self._read, self._problems = db, source, mapping, read, problems
        self.header: list[dict[str, Any]] = list(_HEADER)
        headings = Headings(source.headings, mapping.file)
        self._place = {name: headings.find(name, line) for name, line in mapping.headings.items()}
        headings.refuse()
        used = {*mapping.headings, *mapping.leave_out}
        self._unused = [name for name in source.headings if name and name not in used]

    def notes(self) -> list[str]:
        """What somebody should know about the file."""
        told = [f"Columns the mapping says nothing about: {', '.join(self._unused)}."] if self._unused else []
        return [*self.source.notes, *told]

    def cases(self) -> Iterator[LogCase]:
        """The cases in the order of their first rows."""
        copy_in(self._db, rows_of_log, ("row", "case_name", "cells"), self._staged())
        first = func.min(rows_of_log.c.row).over(partition_by=rows_of_log.c.case_name).label("first")
        asked = select(first, rows_of_log.c.case_name, rows_of_log.c.row, rows_of_log.c.cells)
        ordered = asked.order_by(first, rows_of_log.c.row)
        streamed = self._db.execute(ordered, execution_options={"stream_results": True, "yield_per": 2_000})
        for _, rows in groupby(streamed, key=itemgetter(0)):
            yield self._case([(row.row, row.cells, row.case_name) for row in rows])

    def _staged(self) -> Iterator[Sequence[Any]]:
        for row in self.source.rows():
            if reason := self._trouble(row):
                self._problems.refuse(row.number, "", reason)
                continue
            named = self._mapping.columns or self._mapping.worked
            heading = named.case if named is not None else ""
            name = self._cell(row.cells, heading) if heading else str(row.number)
            yield row.number, name or f"row {row.number}", orjson.dumps([_text(cell) for cell in row.cells]).decode()

    def _trouble(self, row: RawRow) -> str:
        if row.trouble:
            return row.trouble
        is_unreadable = any(isinstance(cell, str) and UNREADABLE.search(cell) for cell in row.cells)
        return "a cell holds characters that no text can hold; look at the encoding" if is_unreadable else ""

    def _cell(self, cells: Sequence[Any], heading: str) -> str:
        return _text(cells[self._place[heading]]).strip() if heading else ""

    def _case(self, rows: list[tuple[int, list[str], str]]) -> LogCase:
        line, cells, name = rows[0]
        if len(rows) > MOST_EVENTS:
            raise LogNotReadable(
                f"The case {name!r} has more than {MOST_EVENTS:,} rows. "
                "Look whether the column of cases is the right one; nothing was imported."
            )
        kept = [["string", heading, self._cell(cells, heading)] for heading in self._mapping.case_attributes]
        case = LogCase(number=name, line=line, attributes=[["string", "concept:name", name], *kept])
        rule, columns = self._mapping.end, self._mapping.columns
        if rule is not None and rule.column:
            self._say_end(case, rows)
        if self._mapping.worked is not None:
            case.span = self._span(self._mapping.worked)
        elif columns is not None:
            self._add_events(case, columns, rows)
        return case

    def _say_end(self, case: LogCase, rows: list[tuple[int, list[str], str]]) -> None:
        rule = self._mapping.end
        if rule is None:
            return
        line, cells, _ = rows[-1]
        case.says = self._cell(cells, rule.column)
        if case.says not in rule.codes:
            case.trouble.append((line, f"{rule.column} says {case.says!r}, which end does not name"))

    def _span(self, worked: WorkedRows) -> tuple[datetime, datetime]:
        where = self._mapping.formats.zone
        return start_of(worked.first_day, where), start_of(worked.last_day, where)

    def _add_events(self, case: LogCase, columns: EventColumns, rows: list[tuple[int, list[str], str]]) -> None:
        pairs = (("start", columns.start), ("complete", columns.complete)) if columns.complete else (("", columns.at),)
        for line, cells, _ in rows:
            for transition, heading in pairs:
                written = self._cell(cells, heading)
                if heading and (written or transition != "start"):
                    case.events.append(self._event(columns, line, cells, transition, written))
        if all(event.at is not None for event in case.events):
            case.events.sort(key=_moment)

    def _event(self, columns: EventColumns, line: int, cells: list[str], transition: str, written: str) -> LogEvent:
        told: list[Attribute] = [
            ["string", key, value]
            for key, heading in (
                ("concept:name", columns.activity),
                ("concept:instance", columns.instance),
                ("org:resource", columns.employee),
            )
            if (value := self._cell(cells, heading))
        ]
        transition = transition or self._cell(cells, columns.transition)
        told += [["string", "lifecycle:transition", transition]] if transition else []
        told += [["string", heading, self._cell(cells, heading)] for heading in self._mapping.attributes]
        try:
            at = self._read(written) if written else None
        except CellRefused:
            at = None  # the reason is told when the case is looked over
        told += [["date", "time:timestamp", at.isoformat() if at is not None else written]] if written else []
        event = event_of(told, line)
        event.at = at
        return event


def _moment(event: LogEvent) -> datetime:
    return event.at or datetime.min.replace(tzinfo=UTC)


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, timedelta) or cell is None:
        return "" if cell is None else str(cell)
    return str(cell)
