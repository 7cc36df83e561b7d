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
from tasks.record.log_attributes import ESCAPED, escaped, is_fit, unescaped, written

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


@pytest.mark.parametrize("name", ["08_receipt.xes.gz", "bpic2012.xes.gz"])
def test_a_real_log_makes_the_round_trip(
    db: Connection, real_data: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    """With the hundreds of figures at its head, and read by pm4py; cut unless long tests are asked for."""
    whole = gzip.decompress((real_data("event_logs") / name).read_bytes()).decode()
    source, mapping, out = (tmp_path / name for name in ("source.xes", "map.yaml", "out.xes"))
    source.write_text(whole if LONG else _head(whole), encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    _bring(db, source, mapping, "real")

    write_log(db, IMPORT, out, Chosen(process="real"))

    assert _in_order(out) == _in_order(source)
    before, after = _read_xes(source), _read_xes(out)
    assert len(after) > SOME_CASES
    assert after.astype(str).to_dict("list") == before.astype(str).to_dict("list")


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
        "out.csv says neither XES nor OCEL. Name a file that ends in .xes, .xes.gz, .jsonocel or .xmlocel."
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


def _naughty_case(desk: Any, names: list[str]) -> None:
    """A case whose client, employee and every fact bear hostile words."""
    process = desk.put(definitions.processes, name="renewal", subject="term")
    by, client = desk.employee(names[0], login="asta"), desk.client(names[1])
    case = desk.case(process_id=process, client_id=client)
    for number, name in enumerate(names, start=1):
        task = desk.task(case_id=case, step=name, round=number, assignee_id=by, outcome=name)
        row = {"case_id": case, "task_id": task, "number": number, "kind": "task.completed", "at": AT}
        desk.put(work.events, **row, employee_id=by, door="cli", data={"outcome": name})


def _naughty(folder: Path) -> list[str]:
    """The big list of naughty strings, and what XML cannot hold."""
    told: list[str] = orjson.loads((folder / "blns.json").read_bytes())
    worst = ["a\x01b\\u0001\\", "\ufffe\uffff", "\r\n\t", "]]>", "\u2028\x85", "&#0;", "<!--", "\x1f"]
    return [f"{name}·" for name in ["<script>Name", "&amp; Client"]] + worst + [name for name in told if name]


def _is_read_as(name: str, value: Any, mark: Any) -> bool:
    """Whether pm4py read the word; it takes some words for nothing at all."""
    if not isinstance(value, str):
        return name.lower() in {"null", "none", "nan", "nil", "na", "n/a"}
    return (unescaped(value) if str(mark).lower() == "true" else value) == name


def test_hostile_words_leave_and_are_read_unchanged(
    db: Connection, desk: Any, real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    """In names, steps and outcomes; pm4py reads XES and both forms of OCEL, and XML writes what it cannot hold."""
    names = _naughty(real_data("naughty_strings"))
    _naughty_case(desk, names)
    xes, json, xml = (tmp_path / name for name in ("out.xes", "out.jsonocel", "out.xmlocel"))

    for path in (xes, json, xml):
        write_log(db, IMPORT, path, Chosen(with_names=True))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = _read_xes(xes)
        logs = [_pm4py().read_ocel2_json(str(json)), _pm4py().read_ocel2_xml(str(xml))]
    for told in (read["taktas:outcome"], read["concept:name"]):
        assert [value for value, name in zip(told, names, strict=True) if is_fit(name)] == list(filter(is_fit, names))
    assert set(read["org:resource"]) == {names[0]}
    for log in logs:
        events = log.events.sort_values("ocel:eid", key=lambda ids: ids.str.removeprefix("event:").astype(int))
        marks = events.get(ESCAPED, [None] * len(events))
        told = zip(names, events["taktas:outcome"], marks, strict=True)
        assert [each for each in told if not _is_read_as(*each)] == []
        assert {names[0], names[1]} <= set(log.objects["name"].dropna())


def test_what_xml_cannot_hold_stands_in_xes_as_written(db: Connection, desk: Any, tmp_path: Path) -> None:
    """Never a broken file: the text is told with its mark, and reading it back gives the text."""
    _naughty_case(desk, ["n", "c", "a\x01b\\"])
    out = tmp_path / "out.xes"

    write_log(db, IMPORT, out, Chosen())

    root = parse(out).getroot()
    assert root is not None
    (found,) = (
        each for each in root.iter() if each.get("value") == "a\\u0001b\\\\" and "outcome" in each.get("key", "")
    )
    assert [(child.get("key"), child.get("value")) for child in found] == [("taktas:escaped", "true")]
    assert unescaped(found.get("value", "")) == "a\x01b\\"


@pytest.mark.parametrize("name", ["out.jsonocel", "out.xmlocel"])
def test_every_object_an_event_is_about_is_in_the_log(db: Connection, desk: Any, tmp_path: Path, name: str) -> None:
    """A call about two cases is one task; readers keep clients because events name them."""
    case = _own_work(desk)
    task = desk.task(step="call")
    desk.put_item(task, case)
    desk.put(work.events, case_id=case, task_id=task, number=9, kind="task.started", at=AT, door="cli")
    out = tmp_path / name

    write_log(db, IMPORT, out, Chosen())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log = (_pm4py().read_ocel2_json if name.endswith("jsonocel") else _pm4py().read_ocel2_xml)(str(out))
    assert f"task:{task}" in set(log.relations["ocel:oid"])
    assert sorted(set(log.objects["ocel:type"])) == ["case", "client", "employee", "task"]
    assert len(log.events) == 5


def test_both_forms_of_ocel_say_the_same(db: Connection, small: Small, tmp_path: Path) -> None:
    """Events, objects and how they belong together, as pm4py reads them."""
    json, xml = tmp_path / "out.jsonocel", tmp_path / "out.xmlocel"
    write_log(db, IMPORT, json, Chosen(process="small"))
    write_log(db, IMPORT, xml, Chosen(process="small"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one, other = _pm4py().read_ocel2_json(str(json)), _pm4py().read_ocel2_xml(str(xml))

    for name in ("events", "objects", "relations", "o2o"):
        first, second = (getattr(log, name).astype(str) for log in (one, other))
        assert first.sort_values(list(first.columns)).to_dict("list") == second[first.columns].sort_values(
            list(first.columns)
        ).to_dict("list")


def test_what_can_be_kept_nowhere_stays_as_it_was_written(db: Connection, small: Small, tmp_path: Path) -> None:
    """A log that says it holds a zero character is no reason to fail: it goes out as it came in."""
    mark = '<boolean key="taktas:escaped" value="true"/>'
    told = SMALL.replace('<boolean key="ok" value="true"/>', f'<string key="n" value="a\\u0000\\ud800">{mark}</string>')
    source, out = tmp_path / "zero.xes", tmp_path / "out.xes"
    source.write_text(told, encoding="utf-8")
    _bring(db, source, small.mapping, "zero")

    write_log(db, IMPORT, out, Chosen(process="zero"))

    assert _in_order(out) == _in_order(source)
