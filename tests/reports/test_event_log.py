"""Event logs out of the house: what came in goes out unchanged, and the house's own work reads as a log."""

from __future__ import annotations

import gzip
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import orjson
import pytest
from defusedxml.ElementTree import parse
from sqlalchemy import Connection, insert

from core.actor import Actor, Door
from core.errors import UsageError
from intake.history.importing_log import Request, import_history
from models import definitions, work
from reports.event_log.chosen import Chosen, LogNotWritten
from reports.event_log.writing import write_log
from tasks.record.log_attributes import escaped, unescaped, written

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
IMPORT = Actor(door=Door.IMPORT)
LONG = os.environ.get("TAKTAS_LONG_TESTS") == "1"
SOME_CASES = 200
MAPPING = "import: history\nemployees: {unknown: make former}\nevents without a partner: keep\n"
SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
<classifier name="Activity" keys="concept:name lifecycle:transition"/>
<float key="rate" value="1.50"><int key="of" value="007"/></float>
<trace><string key="concept:name" value="&lt;K&#10;1&gt; 'ž' {x} &#x1F600;"/>
<date key="born" value="1999-01-01T00:00:00.000+05:30"/>
<list key="l"><values><string key="a" value=""/><string key="a" value="="/></values></list>
<event><string key="concept:name" value="W &amp; X"/><string key="org:resource" value="&quot;O'Brien&quot;; --"/>
<string key="lifecycle:transition" value="SCHEDULE"/>
<date key="time:timestamp" value="2026-01-12T10:00:00.123+02:00"/></event>
<event><string key="concept:name" value="W &amp; X"/><string key="org:resource" value="asta"/>
<string key="lifecycle:transition" value="START"/>
<date key="time:timestamp" value="2026-01-12T10:00:00.123+02:00"/></event>
<event><boolean key="ok" value="true"/><string key="concept:name" value="Lone"/>
<date key="time:timestamp" value="2026-01-12T08:05:00Z"/></event>
<event><string key="concept:name" value="W &amp; X"/><string key="org:resource" value="asta"/>
<string key="lifecycle:transition" value="COMPLETE"/>
<date key="time:timestamp" value="2026-01-12T11:00:00.999999+02:00"/></event>
</trace>
</log>
"""


@dataclass(frozen=True, kw_only=True)
class Small:
    """The small log, imported."""

    source: Path
    mapping: Path


def _bring(db: Connection, path: Path, mapping: Path, process: str = "small") -> None:
    import_history(db, Request(path=path, at=AT, actor=IMPORT, map_path=mapping, process=process))


@pytest.fixture
def small(db: Connection, tmp_path: Path) -> Small:
    """Everything an XES file may hold, in one case."""
    small = Small(source=tmp_path / "small.xes", mapping=tmp_path / "map.yaml")
    small.source.write_text(SMALL, encoding="utf-8")
    small.mapping.write_text(MAPPING, encoding="utf-8")
    _bring(db, small.source, small.mapping)
    return small


def _meant(element: Element) -> Any:
    """An element with all that it holds, however it is laid out."""
    return element.tag.rpartition("}")[2], sorted(element.attrib.items()), [_meant(child) for child in element]


def _in_order(path: Path) -> tuple[list[Any], list[Any]]:
    """The head of a log but for the extensions it names, and its cases."""
    root = parse(path).getroot()
    assert root is not None
    parts = [_meant(child) for child in root]
    head = [part for part in parts if part[0] not in {"trace", "extension"}]
    return head, [part for part in parts if part[0] == "trace"]


def _head(log: str) -> str:
    """The first cases of a log."""
    return "</trace>".join([*log.split("</trace>")[:SOME_CASES], "</log>\n"])


def _pm4py() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

    return pm4py


def _read_xes(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _pm4py().read_xes(str(path), show_progress_bar=False)


def test_an_imported_log_goes_out_as_it_came(db: Connection, small: Small, tmp_path: Path) -> None:
    """Every attribute, nested ones too, every moment with its offset, every word however naughty."""
    out = tmp_path / "out.xes"

    write_log(db, IMPORT, out, Chosen(process="small"))

    assert _in_order(out) == _in_order(small.source)


def test_what_went_out_comes_in_as_the_same_history(db: Connection, small: Small, tmp_path: Path) -> None:
    """The second log is the first, case by case, so in the same process it is known already."""
    out = tmp_path / "out.xes.gz"
    write_log(db, IMPORT, out, Chosen(process="small"))

    request = Request(path=out, at=AT, actor=IMPORT, map_path=small.mapping, process="small")
    report = import_history(db, request)

    assert (report.cases, report.unchanged, report.refused) == (0, 1, 0)


def test_two_programs_read_the_same_log(db: Connection, small: Small, tmp_path: Path) -> None:
    """pm4py finds the same events in what came in and in what went out."""
    out = tmp_path / "out.xes"
    write_log(db, IMPORT, out, Chosen(process="small"))

    before, after = _read_xes(small.source), _read_xes(out)

    assert len(after) == 4
    assert after.to_dict("list").keys() == before.to_dict("list").keys()
    for name in ("concept:name", "time:timestamp", "case:concept:name", "lifecycle:transition"):
        assert after[name].astype(str).tolist() == before[name].astype(str).tolist()


def test_a_real_log_makes_the_round_trip(db: Connection, real_data: Callable[[str], Path], tmp_path: Path) -> None:
    """The receipt log, the head with its hundreds of figures included; cut unless long tests are asked for."""
    whole = gzip.decompress((real_data("event_logs") / "08_receipt.xes.gz").read_bytes()).decode()
    source, mapping, out = (tmp_path / name for name in ("source.xes", "map.yaml", "out.xes"))
    source.write_text(whole if LONG else _head(whole), encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    _bring(db, source, mapping, "permit_receipt")

    write_log(db, IMPORT, out, Chosen(process="permit_receipt"))

    assert _in_order(out) == _in_order(source)


def test_objects_and_events_are_read_by_pm4py(db: Connection, small: Small, tmp_path: Path) -> None:
    """OCEL 2.0: a case, its task, those who did it, and how each event is about them."""
    out = tmp_path / "out.jsonocel"
    write_log(db, IMPORT, out, Chosen(process="small"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log = _pm4py().read_ocel2_json(str(out))

    assert sorted(log.objects["ocel:type"]) == ["case", "employee", "employee", "task"]
    assert log.events["ocel:activity"].tolist() == ["W & X", "W & X", "Lone", "W & X"]
    assert sorted(set(log.relations["ocel:qualifier"])) == ["case", "done by", "task"]
    assert [str(at) for at in log.events["ocel:timestamp"]][-1] == "2026-01-12 09:00:00.999999+00:00"


def _own_work(desk: Any) -> int:
    """A renewal with one call, as mass generation and a person write it. Returns the number of the case."""
    process = desk.put(definitions.processes, name="renewal", subject="term")
    asta, client = desk.employee("Asta Secret", login="asta"), desk.client("Ona Secret")
    case = desk.case(process_id=process, client_id=client)
    task = desk.task(case_id=case, assignee_id=asta, client_id=client)
    facts = ((1, "case.started", None, {"step": "call"}), (2, "task.started", asta, None))
    done = ((3, "task.completed", asta, {"outcome": "interested", "spent_minutes": 5}),)
    for number, kind, by, data in (*facts, *done):
        row = {"case_id": case, "task_id": task, "number": number, "kind": kind, "at": AT, "employee_id": by}
        desk.put(work.events, **row, door="cli", data=data)
    desk.put(work.events, case_id=case, number=4, kind="case.ended", at=AT, door="cli", data={"end": "won"})
    return case


@pytest.mark.parametrize("name", ["out.xes", "out.jsonocel"])
def test_names_of_people_leave_only_when_they_are_asked_for(
    db: Connection, desk: Any, tmp_path: Path, name: str
) -> None:
    """By default a log tells logins and numbers."""
    _own_work(desk)
    plain, named = tmp_path / name, tmp_path / f"named_{name}"

    write_log(db, IMPORT, plain, Chosen())
    write_log(db, IMPORT, named, Chosen(with_names=True))

    assert "Secret" not in plain.read_text(encoding="utf-8")
    assert "asta" in plain.read_text(encoding="utf-8")
    assert all(each in named.read_text(encoding="utf-8") for each in ("Asta Secret", "Ona Secret"))


def test_own_work_reads_as_a_log(db: Connection, desk: Any, tmp_path: Path) -> None:
    """Assigned, started, completed; the case and its end; pm4py reads it."""
    case, out = _own_work(desk), tmp_path / "out.xes"

    write_log(db, IMPORT, out, Chosen(process="renewal"))

    read = _read_xes(out)
    assert read["lifecycle:transition"].tolist() == ["assign", "start", "complete", "complete"]
    assert read["concept:name"].tolist() == ["call", "call", "call", "case.ended"]
    assert read["taktas:outcome"].tolist()[2] == "interested"
    assert set(read["case:concept:name"]) == {str(case)}


def test_only_cases_of_the_days_asked_for_leave(db: Connection, desk: Any, tmp_path: Path) -> None:
    """By the day on which they began."""
    _own_work(desk)
    out = tmp_path / "out.jsonocel"

    write_log(db, IMPORT, out, Chosen(start=AT.replace(month=4)))

    assert orjson.loads(out.read_bytes()) == {"events": [], "objects": [], "eventTypes": [], "objectTypes": []}


@pytest.mark.parametrize("text", ["", "a\\b", "\x00\x1f\\u001f", "\ufffe", "plain", "\\\\u0000"])
def test_what_xml_cannot_hold_is_written_so_that_it_comes_back(text: str) -> None:
    """Control characters stand as \\u001f, beside a mark that says so."""
    assert unescaped(escaped(text)) == text
    assert written(["string", "key", "a\x1fb"]) == (
        '<string key="key" value="a\\u001fb"><boolean key="taktas:escaped" value="true"/></string>'
    )


def test_another_form_is_refused(db: Connection, tmp_path: Path) -> None:
    """Nothing is written then."""
    with pytest.raises(UsageError) as refusal:
        write_log(db, IMPORT, tmp_path / "out.csv", Chosen())

    assert str(refusal.value) == (
        "out.csv says neither XES nor OCEL. Name a file that ends in .xes, .xes.gz or .jsonocel."
    )


def test_a_process_nobody_knows_is_refused(db: Connection, tmp_path: Path) -> None:
    """With the nearest that exists."""
    db.execute(insert(definitions.processes).values(name="renewal", subject="term"))

    with pytest.raises(LogNotWritten) as refusal:
        write_log(db, IMPORT, tmp_path / "out.xes", Chosen(process="renewel"))

    assert str(refusal.value) == "There is no process 'renewel'; did you mean renewal?"
    assert list(tmp_path.iterdir()) == []


def test_only_a_manager_exports(db: Connection, desk: Any, tmp_path: Path) -> None:
    """A log tells of everybody."""
    asta = Actor(door=Door.COMMAND_LINE, employee_id=desk.employee("Asta"))
    boss = Actor(door=Door.COMMAND_LINE, employee_id=desk.employee("Ona", is_manager=True))

    with pytest.raises(LogNotWritten) as refusal:
        write_log(db, asta, tmp_path / "out.xes", Chosen())
    write_log(db, boss, tmp_path / "out.xes", Chosen())

    assert str(refusal.value) == (
        "An event log tells who did what and when, of everybody. Only a manager of the house may export it; "
        "your own figures are in `taktas report mine`."
    )


def test_a_place_that_cannot_be_written_is_named(db: Connection, tmp_path: Path) -> None:
    """With the way forward."""
    with pytest.raises(LogNotWritten) as refusal:
        write_log(db, IMPORT, tmp_path / "none" / "out.xes", Chosen())

    assert str(refusal.value) == (
        f"{tmp_path / 'none' / 'out.xes'} cannot be written: No such file or directory. Name another place."
    )
