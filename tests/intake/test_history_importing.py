"""Event logs of a few lines: what becomes a task, what is only told, what is refused and where it is to be mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from core.actor import Actor, Door
from core.errors import UsageError
from intake.history import xes_reading
from intake.history.history_report import HistoryReport
from intake.history.importing_log import Request, import_history
from intake.history.log_case import LogNotReadable
from intake.mappings.reading import MappingNotValid
from models.definitions import processes
from models.history import imported_cases, imported_events, logs
from models.people import employees, organisations
from models.work import cases, events, holds, tasks
from reports.assignment import Question
from reports.dimension import By
from reports.event_log.durations import durations_report
from reports.period import Period
from tasks.handbooks.handbook import current
from tasks.record.log_steps import ProcessNotForHistory

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MAKE = "import: history\nemployees: {unknown: make former}\n"
KEEP = MAKE + "events without a partner: keep\n"
Bring = Callable[..., HistoryReport]


def event(activity: str, transition: str, at: str, who: str | None = "asta", more: str = "") -> str:
    """One event as XES."""
    resource = f'<string key="org:resource" value="{who}"/>' if who else ""
    return (
        f'<event><string key="concept:name" value="{activity}"/>{resource}'
        f'<string key="lifecycle:transition" value="{transition}"/>'
        f'<date key="time:timestamp" value="{at}"/>{more}</event>\n'
    )


def log(*traces: tuple[str, str]) -> str:
    """A log of named cases."""
    told = "".join(f'<trace><string key="concept:name" value="{name}"/>\n{body}</trace>\n' for name, body in traces)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n{told}</log>\n'


CALL = event("Call", "start", "2026-01-12T10:00:00+02:00") + event("Call", "complete", "2026-01-12T10:30:00+02:00")


@pytest.fixture
def bring(db: Connection, tmp_path: Path) -> Bring:
    """`bring(text, mapping)` imports it as small.xes and returns the report."""

    def importing(text: str, mapping: str | None = MAKE, *, name: str = "small.xes", **more: Any) -> HistoryReport:
        path, map_path = tmp_path / name, tmp_path / "small.map.yaml"
        path.write_text(text, encoding="utf-8")
        if mapping is not None:
            map_path.write_text(mapping, encoding="utf-8")
        request = Request(
            path=path,
            at=AT,
            actor=Actor(door=Door.IMPORT),
            map_path=map_path if mapping is not None else None,
            **more,
        )
        return import_history(db, request)

    return importing


def _rows(db: Connection, *columns: Any) -> list[Any]:
    return list(db.execute(select(*columns).order_by(columns[0])).all())


def test_a_start_and_its_complete_become_a_task(bring: Bring, db: Connection) -> None:
    """With the moments of the log, whoever completed it, and a hold; nothing waits for the beat."""
    bring(log(("C1", CALL)))

    (task,) = db.execute(select(tasks)).all()
    assert (task.status, task.outcome, task.due_at, task.next_at) == ("done", "done", None, None)
    assert task.started_at == datetime(2026, 1, 12, 8, tzinfo=UTC)
    assert task.finished_at == datetime(2026, 1, 12, 8, 30, tzinfo=UTC)
    (hold,) = db.execute(select(holds)).all()
    assert (hold.employee_id, hold.working_seconds, hold.ended_by) == (task.assignee_id, 1800, "done")
    (case,) = db.execute(select(cases)).all()
    assert (case.status, case.end_code, case.is_success) == ("ended", "imported", None)


def test_a_schedule_opens_the_task_and_the_queue_has_it_until_the_start(bring: Bring, db: Connection) -> None:
    """What lay there before somebody began is nobody's time."""
    scheduled = event("Call", "schedule", "2026-01-12T09:00:00+02:00", None)

    bring(log(("C1", scheduled + CALL)))

    found = _rows(db, holds.c.began_at, holds.c.employee_id.is_(None), holds.c.working_seconds, holds.c.ended_by)
    assert [tuple(row)[1:] for row in found] == [(True, 3600, "reassigned"), (False, 1800, "done")]


def test_a_complete_without_a_start_is_told_and_not_invented(bring: Bring, db: Connection) -> None:
    """Counted by activity; kept as a moment where the mapping says so, else left out."""
    lone = event("Call", "complete", "2026-01-12T10:00:00+02:00")

    left_out = bring(log(("C1", lone)), process="left")
    kept = bring(log(("C1", lone)), KEEP, process="kept")

    assert dict(left_out.unpaired) == dict(kept.unpaired) == {("complete", "Call"): 1}
    assert (left_out.items, kept.items, db.scalar(select(func.count()).select_from(tasks))) == (0, 0, 0)
    moments = db.execute(select(events.c.data).where(events.c.kind == "log.event")).scalars().all()
    assert [(each["step"], each["transition"]) for each in moments] == [("call", "complete")]


def test_what_would_end_before_it_begins_is_no_piece_of_work(bring: Bring) -> None:
    """Neither negative nor zero: it has no duration at all."""
    backwards = event("Call", "start", "2026-01-12T10:00:00Z") + event("Call", "complete", "2026-01-12T09:00:00Z")

    report = bring(log(("C1", backwards)))

    assert (report.items, sum(report.unpaired.values())) == (0, 2)


def test_rounds_pauses_and_instances_stay_apart(bring: Bring, db: Connection) -> None:
    """Two pieces of work of one activity are told apart by their instance, else by which began first."""
    one, two = (f'<string key="concept:instance" value="{name}"/>' for name in "12")
    body = (
        event("Call", "start", "2026-01-12T10:00:00Z", more=one)
        + event("Call", "start", "2026-01-12T10:05:00Z", more=two)
        + event("Call", "suspend", "2026-01-12T10:10:00Z", more=two)
        + event("Call", "resume", "2026-01-12T10:20:00Z", more=two)
        + event("Call", "complete", "2026-01-12T10:30:00Z", more=two)
        + event("Call", "complete", "2026-01-12T10:40:00Z", more=one)
    )

    bring(log(("C1", body)))

    lasted = [
        (row.finished_at - row.started_at).seconds // 60
        for row in _rows(db, tasks.c.round, tasks.c.started_at, tasks.c.finished_at)
    ]
    kinds = db.scalars(
        select(events.c.kind).where(events.c.kind.in_(["task.waited", "task.resumed"])).order_by(events.c.id)
    )
    assert lasted == [40, 25]
    assert kinds.all() == ["task.waited", "task.resumed"]


def test_strangers_become_former_employees_or_are_refused(bring: Bring, db: Connection) -> None:
    """As the mapping says; a former employee left with their last event."""
    refused = bring(log(("C1", CALL)), "import: history\n")
    brought = bring(log(("C1", CALL)))

    assert (refused.cases, refused.refused) == (0, 1)
    assert next(each.reason for each in refused.problems) == (
        "nobody here has the login 'asta'; name them under employees: names, or say employees: {unknown: make former}"
    )
    assert brought.made == ("asta",)
    person = db.execute(select(employees)).one()
    assert (person.login, person.joined_on, person.left_on) == ("asta", date(2026, 1, 12), date(2026, 1, 12))


def test_names_of_the_log_are_those_of_known_employees(bring: Bring, db: Connection) -> None:
    """The mapping says who is who; nobody is made."""
    house = db.execute(
        insert(organisations).values(code="h", name="H", kind="house").returning(organisations.c.id)
    ).scalar_one()
    asta = db.execute(
        insert(employees)
        .values(organisation_id=house, login="asta.j", name="Asta", sort_key="asta")
        .returning(employees.c.id)
    ).scalar_one()

    report = bring(log(("C1", CALL)), "import: history\nemployees: {names: {asta: asta.j}}\n")

    assert (report.cases, report.made) == (1, ())
    assert db.scalars(select(tasks.c.assignee_id)).all() == [asta]


def test_the_last_telling_activity_says_how_a_case_ended(bring: Bring, db: Connection) -> None:
    """Ends and their success are declared by the mapping and stand in the published process."""
    mapping = (
        MAKE + "ends: {won: {success: true}, lost: {success: false}}\nend: {activities: {Bind: won, Refuse: lost}}\n"
    )
    refuse, bind = (event(name, "complete", f"2026-01-1{day}T10:00:00Z") for name, day in (("Refuse", 2), ("Bind", 3)))

    bring(log(("C1", refuse + bind), ("C2", refuse), ("C3", CALL)), mapping)

    assert _rows(db, cases.c.id, cases.c.end_code, cases.c.is_success) == [
        (number, code, success)
        for number, (code, success) in zip(
            db.scalars(select(cases.c.id).order_by(cases.c.id)),
            (("won", True), ("lost", False), ("imported", None)),
            strict=True,
        )
    ]
    assert set(current(db, "small").process.ends) == {"imported", "won", "lost"}


def test_the_same_case_with_other_events_is_refused(bring: Bring, db: Connection) -> None:
    """History is not rewritten; what is the same stays as it is, what is new comes in."""
    bring(log(("C1", CALL), ("C2", CALL)))

    report = bring(log(("C1", CALL), ("C2", CALL + CALL), ("C3", CALL)))

    assert (report.cases, report.unchanged, report.refused) == (1, 1, 1)
    assert next(iter(report.problems)).reason == (
        "a case of that name is already here with other events; history is not rewritten. "
        "Import it into a process of its own (--process), or leave it out"
    )
    assert db.scalars(select(imported_cases.c.number).order_by("id")).all() == ["C1", "C2", "C3"]
    assert db.scalar(select(func.count(cases.c.version_id.distinct()))) == 1


def test_refused_cases_can_be_mended_and_imported_again(bring: Bring, tmp_path: Path, db: Connection) -> None:
    """They are written as they were, with each reason beside its event; the marks do not come in."""
    bad = event("Call", "start", "no moment") + event("Call", "complete", "2026-01-12T10:30:00Z")
    report = bring(log(("C1", bad), ("C2", CALL)))
    assert report.mend_file == tmp_path / "small.to-mend.xes"

    written = (tmp_path / "small.to-mend.xes").read_text(encoding="utf-8")
    mended = bring(written.replace("no moment", "2026-01-12T10:00:00Z"))

    assert (report.cases, report.refused, [each.row for each in report.problems]) == (1, 1, [4])
    assert "taktas:reason" in written
    assert "C2" not in written
    assert (mended.cases, mended.refused, mended.mend_file) == (1, 0, None)
    kept = db.execute(select(imported_events.c.attributes)).scalars().all()
    assert "taktas" not in str(kept)


@pytest.mark.parametrize("name", ["a.xes", "a.XES.GZ", "a.to-mend.xes"])
def test_refused_cases_of_a_packed_log_are_written_unpacked(name: str) -> None:
    """Under a name that is read as XES again."""
    request = Request(path=Path(name), at=AT, actor=Actor(door=Door.IMPORT))

    assert (request.mend_path, request.is_xes) == (Path("a.to-mend.xes"), True)


def test_a_dry_run_says_the_same_and_writes_nothing(bring: Bring, db: Connection) -> None:
    """Not even a former employee."""
    text = log(("C1", CALL), ("C1", CALL), ("", CALL))

    with db.begin_nested() as point:
        would = bring(text, dry_run=True)
        point.rollback()
    did = bring(text)

    assert (would.cases, would.unchanged, would.refused, would.made) == (1, 1, 1, ("asta",))
    assert (did.cases, did.unchanged, did.refused, did.made) == (1, 1, 1, ("asta",))


def test_a_dry_run_leaves_every_table_as_it_was(bring: Bring, db: Connection) -> None:
    """The transaction may not even write."""
    bring(log(("C1", CALL)), dry_run=True)

    for table in (logs, imported_cases, cases, tasks, events, employees, processes):
        assert db.scalar(select(func.count()).select_from(table)) == 0


def test_a_process_of_the_house_takes_no_history(bring: Bring, db: Connection) -> None:
    """Its figures would be mixed with those of another system."""
    db.execute(insert(processes).values(name="renewal", subject="term"))

    with pytest.raises(ProcessNotForHistory) as refusal:
        bring(log(("C1", CALL)), process="renewal")

    assert str(refusal.value) == (
        "The process renewal is work of this house, about a term; history of another system does not belong among its "
        "cases. Give it a process of its own: --process NAME."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<log><trace>", "small.xes is not well-formed XML:"),
        ("<book/>", "small.xes, line 1: <book> cannot stand here in an event log. Nothing was imported."),
        ('<!DOCTYPE log [<!ENTITY a "b">]><log/>', "small.xes declares entities or a document type"),
        ("", "small.xes is not well-formed XML:"),
    ],
)
def test_what_is_no_event_log_is_refused_whole(bring: Bring, text: str, said: str) -> None:
    """With a sentence, and without fetching or expanding anything."""
    with pytest.raises(LogNotReadable) as refusal:
        bring(text)

    assert str(refusal.value).startswith(said)


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("names", "what"),
    [
        (("x", "Call", "start", "asta"), "the name of the case"),
        (("C1", "x", "start", "asta"), "the activity"),
        (("C1", "Call", "x", "asta"), "the transition"),
        (("C1", "Call", "start", "x"), "the name of the person"),
    ],
)
def test_a_name_nobody_could_read_is_refused(bring: Bring, names: tuple[str, ...], what: str, dry_run: bool) -> None:
    """No index would hold it. A dry run says the same, row for row."""
    case, activity, transition, who = (name.replace("x", "Ž" * 501) for name in names)

    told = bring(log((case, event(activity, transition, "2026-01-12T10:00:00Z", who))), dry_run=dry_run)

    assert (told.cases, told.refused) == (0, 1)
    assert [problem.reason for problem in told.problems] == [f"{what} is 501 letters long, and at most 500 can be kept"]


def test_the_longest_names_that_can_be_kept_go_in(bring: Bring) -> None:
    """Five hundred letters of the widest kind, none like the other."""
    name = "".join(chr(0x20000 + number * 7) for number in range(500))

    told = bring(log((name, event(name, "complete", "2026-01-12T10:00:00Z", name))), KEEP)

    assert (told.cases, told.refused) == (1, 0)


def test_one_enormous_word_is_read_in_few_pieces(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser begins an unfinished word anew with every piece: small ones would make minutes of seconds."""
    sizes = list[int]()

    class Counting(BytesIO):
        """Tells how much was asked for."""

        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(size or 0)
            return super().read(size)

    note = f'<string key="note" value="{"x" * (16 << 20)}"/>'
    text = log(("C1", event("Call", "complete", "2026-01-12T10:00:00Z", more=note)))
    monkeypatch.setattr(xes_reading, "_opened", lambda _: Counting(text.encode()))

    told = bring(text, KEEP)

    assert (told.cases, told.events) == (1, 1)
    assert len(sizes) < 15
    assert max(sizes) <= xes_reading.LARGEST_CASE + xes_reading.PIECE


def test_naughty_words_come_in_as_they_are(bring: Bring, db: Connection) -> None:
    """In names of activities, people and cases."""
    name = "{x} &quot;; DROP TABLE tasks;-- &lt;b&gt; \U0001f600 \u202e"
    body = event(name, "start", "2026-01-12T10:00:00Z", name) + event(name, "complete", "2026-01-12T11:00:00Z", name)

    bring(log((name, body)))

    meant = '{x} "; DROP TABLE tasks;-- <b> \U0001f600 \u202e'
    assert db.scalars(select(imported_cases.c.number)).all() == [meant]
    assert db.scalars(select(employees.c.name)).all() == [meant]
    assert meant in db.scalars(select(logs.c.header)).one()["activities"]


COLUMNS = """
import: history
employees: {unknown: make former}
zone: Europe/Vilnius
dates: day/month/year
columns: {case: Claim, activity: What, start: From, complete: To, employee: Who}
attributes: [Note]
leave out: [Row]
"""
TABLE = """Row,Claim,What,From,To,Who,Note
1,K1,Check,12.01.2026 10:00,12.01.2026 11:00,asta,"=1+1"
2,K2,Check,12.01.2026 10:00,12.01.2026 10:15,jonas,
3,K1,Pay,13.01.2026 10:00,13.01.2026 10:20,jonas,x
4,K3,Pay,,31.01.2026 10:20,jonas,
5,K4,Pay,31.02.2026 10:00,31.01.2026 10:20,jonas,
"""


def test_a_table_of_work_items_comes_in_by_its_columns(bring: Bring, db: Connection, tmp_path: Path) -> None:
    """Rows of one case need not stand together; a case with a bad row is refused and can be mended."""
    report = bring(TABLE, COLUMNS, name="claims.csv")

    assert (report.process, report.cases, report.items, report.refused) == ("claims", 3, 3, 1)
    assert dict(report.unpaired) == {("complete", "Pay"): 1}
    lasted = db.execute(select(tasks.c.finished_at - tasks.c.started_at).order_by(tasks.c.id)).scalars()
    assert sorted(each.seconds // 60 for each in lasted) == [15, 20, 60]
    assert [str(each) for each in report.problems] == [
        "row 6: '31.02.2026' is not a day of the calendar when read as day/month/year"
    ]
    mended = (tmp_path / "claims.to-mend.csv").read_text(encoding="utf-8-sig").replace("31.02.", "30.01.")
    again = bring(mended, COLUMNS, name="claims.to-mend.csv", process="claims")
    assert (again.cases, again.refused) == (1, 0)


def test_a_table_without_a_mapping_is_not_guessed_at(bring: Bring) -> None:
    """Nobody knows which column is the case."""
    with pytest.raises(UsageError) as refusal:
        bring(TABLE, None, name="claims.csv")

    assert str(refusal.value) == (
        "claims.csv is a table, and nothing says which of its columns is the case, the activity and the moment. "
        "Write a mapping with columns and name it with --map; docs/history.md shows one."
    )


def test_all_problems_of_a_mapping_are_told_at_once(bring: Bring) -> None:
    """Each with its line."""
    mapping = (
        "import: history\nprocess: 9\ncolumns: {case: A}\nemployees: {unknown: hire}\n"
        "end: {column: x, values: {a: won}}\n"
    )

    with pytest.raises(MappingNotValid) as refusal:
        bring(TABLE, mapping, name="claims.csv")

    told = str(refusal.value)
    for part in (
        "process '9' cannot be a name",
        "which column is the activity",
        "'hire' is not a word",
        "no end 'won'",
    ):
        assert part in told


def test_a_worked_example_of_durations(bring: Bring, db: Connection) -> None:
    """The one of docs/history.md: 30, 40 and 80 minutes, and a working time without the night."""
    day, ends = "2026-01-12", ("10:30", "10:40", "11:20")
    cases_told = [
        (f"C{at}", event("Call", "start", f"{day}T10:00:00+02:00") + event("Call", "complete", f"{day}T{at}:00+02:00"))
        for at in ends
    ]
    night = event("Write", "start", f"{day}T16:00:00+02:00") + event("Write", "complete", "2026-01-13T10:00:00+02:00")
    bring(log(*cases_told, ("N", night)))
    period = Period(first=date(2026, 1, 1), last=date(2026, 1, 31), zone="Europe/Vilnius")

    report = durations_report(db, Question(period=period, by=(By.ACTION,), as_of=AT))

    call, write = report.sheets[0].rows
    assert (call["action_name"], call["events"], call["items"]) == ("Call", 6, 3)
    assert (call["mean_seconds"], call["shortest_seconds"], call["longest_seconds"]) == (3000, 1800, 4800)
    assert call["deviation_seconds"] == pytest.approx(60 * 700**0.5)
    assert (write["mean_seconds"], write["working_seconds"]) == (18 * 3600, 2 * 3600)
    assert write["deviation_seconds"] is None
