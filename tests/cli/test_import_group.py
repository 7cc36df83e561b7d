"""`taktas import`: what is typed, what is told, what is written."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from cli.app import run
from models.contracts import policies
from models.database import read
from models.parties import parties

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = "number,kind,name\nK1,person,Ona\nK2,persn,Jonas\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two clients, one of them of a kind nobody is."""
    path = tmp_path / "clients.csv"
    path.write_text(CLIENTS, encoding="utf-8")
    return path


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file lies that is no table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.doc").write_text("x", encoding="utf-8")


@pytest.mark.usefixtures("house")
def test_an_import_tells_what_went_in_and_what_did_not(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, reasons with their places, and where to mend."""
    code = run(["import", "clients", str(table)])

    told = capsys.readouterr().out
    assert code == 0
    assert told.startswith("clients.csv: 2 rows, 1 went in, 1 refused.\n")
    assert "'persn' is not one of person, company, consortium; did you mean person?" in " ".join(told.split())
    assert "clients.to-mend.csv: mend them there and import that file in the same way." in told
    with read() as db:
        assert db.scalars(select(parties.c.number)).all() == ["K1"]


@pytest.mark.usefixtures("house")
def test_a_machine_reads_every_problem(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json holds the figures and each problem with its place."""
    code = run(["import", "clients", str(table), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["rows"], told["imported"], told["refused"]) == (2, 1, 1)
    assert told["tallies"]["clients"] == {"added": 1, "changed": 0, "unchanged": 0, "fields": {}}
    (problem,) = told["problems"]
    assert (problem["row"], problem["column"], problem["refused"]) == (3, "kind", True)
    assert told["mend_file"] == str(table.with_name("clients.to-mend.csv"))


@pytest.mark.usefixtures("house")
def test_a_dry_run_leaves_no_trace(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No row, no number taken from a sequence, no file."""
    run(["import", "clients", str(table), "--dry-run"])

    told = capsys.readouterr().out
    assert told.startswith("clients.csv: 2 rows, 1 would go in, 1 refused.\n")
    assert told.endswith("This was a dry run: nothing was imported.\n")
    assert not table.with_name("clients.to-mend.csv").exists()
    with read() as db:
        assert db.scalar(select(func.count()).select_from(parties)) == 0
        used = text("SELECT count(*) FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL")
        assert db.scalar(used) == 0


@pytest.mark.usefixtures("house")
def test_a_file_of_which_nothing_went_in_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, so that a script notices."""
    path = tmp_path / "clients.csv"
    path.write_text(CLIENTS.replace("K1,person", "K1,persn"), encoding="utf-8")

    code = run(["import", "clients", str(path)])

    assert code == 1
    assert capsys.readouterr().err == "None of the 2 rows of clients.csv went in. Mend what is named above.\n"


@pytest.mark.usefixtures("house")
def test_the_refused_rows_may_be_written_elsewhere(table: Path, tmp_path: Path) -> None:
    """Where one may write."""
    run(["import", "clients", str(table), "--mend", str(tmp_path / "bad.csv")])

    assert "persn" in (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "Name what to import and the file, for example: taktas import policies FILE.csv"),
        (["clients"], 2, "Name what to import and the file, for example: taktas import policies FILE.csv"),
        (["clients", "none.csv"], 1, "none.csv does not exist. Name a file that ends in .csv or .xlsx."),
        (["clients", "."], 1, ". is a folder, not a file. Name a file that ends in .csv or .xlsx."),
        (["clients", "setup.doc"], 1, "setup.doc is neither .csv nor .xlsx. Save it as one of them."),
        (
            ["policys", "a.csv"],
            2,
            (
                "There is nothing called 'policys' to import; did you mean policies? You can import employees, "
                "absences, clients, insurers, product_lines, programmes, policies, invoices, payments, documents, "
                "interactions, campaigns, campaign_members."
            ),
        ),
        (["clients", "setup.doc", "--as-of", "soon"], 2, "'soon' is not a moment."),
    ],
)
@pytest.mark.usefixtures("house", "in_a_folder")
def test_what_cannot_be_done_is_said_in_a_sentence(
    words: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the code for a refusal or for wrong words."""
    assert run(["import", *words]) == code
    assert capsys.readouterr().err.startswith(sentence)


@pytest.mark.usefixtures("house")
def test_the_kinds_and_their_fields_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file."""
    run(["import", "--fields"])
    kinds = capsys.readouterr().out
    run(["import", "policies", "--fields"])
    fields = capsys.readouterr().out

    assert "campaign_members" in kinds
    assert "term.premium_gross" in fields


@pytest.mark.usefixtures("house")
def test_a_mapping_with_problems_tells_them_all(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each at its line, and nothing is imported."""
    mapping = tmp_path / "a.yaml"
    mapping.write_text("import: clients\ncolumns: {nummer: client.number, kind: client.knd}\n", encoding="utf-8")

    code = run(["import", "clients", str(table), "--map", str(mapping)])

    assert code == 1
    assert capsys.readouterr().err == (
        f"The mapping {mapping} has a problem. Nothing was imported; mend what is listed.\n"
        f"{mapping}:2: clients have no field 'client.knd'; did you mean client.kind?\n"
    )


@pytest.mark.usefixtures("house")
def test_the_example_of_the_help_works(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Employees, then policies with their mapping."""
    monkeypatch.chdir(ROOT)

    codes = [
        run(["import", "employees", "examples/employees.xlsx"]),
        run(["import", "policies", "examples/policies.csv", "--map", "examples/policies.map.yaml"]),
    ]

    assert codes == [0, 0]
    assert "29 went in, 0 refused" in capsys.readouterr().out
    with read() as db:
        assert db.scalar(select(func.count()).select_from(policies)) == 29


def test_importing_loads_neither_prefect_nor_pandas() -> None:
    """A file of ten rows should not wait for them."""
    code = "import sys, intake.importing; sys.exit(bool({'prefect', 'pandas'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _holes(count: int, empty: int) -> str:
    """Clients of whom the first so many lack their region, and one is of a kind nobody is."""
    rows = [f"K{n},{'persn' if not n else 'person'},Ona,{'' if n <= empty else 'North'}\n" for n in range(count)]
    return "number,kind,name,region\n" + "".join(rows)


@pytest.mark.usefixtures("house")
def test_every_hole_is_named_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first twenty on the screen, all of them in a file beside."""
    path = tmp_path / "clients.csv"
    path.write_text(_holes(60, 30), encoding="utf-8")

    code = run(["import", "clients", str(path), "--map", str(_mapping(tmp_path))])

    told = capsys.readouterr().out
    with (tmp_path / "clients.problems.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.reader(file))
    assert code == 0
    assert "Refused rows of clients.csv:" in told
    assert "Went in, but look at these rows of clients.csv:" in told
    assert "… and 10 more." in told
    assert f"Every problem, row by row: {tmp_path / 'clients.problems.csv'}\n" in told
    assert listed[0] == ["file", "row", "column", "what", "reason"]
    assert listed[1][:4] == ["clients.csv", "2", "kind", "refused"]
    assert listed[2][:4] == ["clients.csv", "2", "region", "refused"]
    assert [row[:4] for row in listed[3:]] == [["clients.csv", str(n), "region", "went in"] for n in range(3, 33)]


@pytest.mark.usefixtures("house")
def test_what_fits_the_screen_needs_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is asked for; a dry run writes one only then."""
    path, wanted = tmp_path / "clients.csv", tmp_path / "all.csv"
    path.write_text(_holes(60, 2), encoding="utf-8")
    words = ["import", "clients", str(path), "--map", str(_mapping(tmp_path)), "--dry-run"]

    run(words)
    told = capsys.readouterr().out
    run([*words, "--problems", str(wanted)])

    assert told.count("so client.region is not filled in") == 3
    assert not (tmp_path / "clients.problems.csv").exists()
    assert len(wanted.read_text(encoding="utf-8-sig").splitlines()) == 5


@pytest.mark.usefixtures("house")
def test_a_file_of_problems_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The import stands."""
    path = tmp_path / "clients.csv"
    path.write_text(CLIENTS, encoding="utf-8")

    code = run(["import", "clients", str(path), "--problems", str(tmp_path / "none" / "a.csv")])

    assert code == 1
    assert capsys.readouterr().err == (
        f"The list of problems cannot be written to {tmp_path / 'none' / 'a.csv'}: No such file or directory. "
        "Say with --problems where it may be written; importing the file again does no harm.\n"
    )


def _mapping(folder: Path) -> Path:
    columns = "{number: client.number, kind: client.kind, name: client.name, region: client.region}"
    path = folder / "clients.map.yaml"
    path.write_text(f"import: clients\ncolumns: {columns}\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("house")
def test_all_hundred_holes_of_the_damaged_copy_are_named(
    real_data: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row by row, without --json: the real file of a motor insurer, of which a hundred cells were blanked."""
    folder = real_data("mcva_ibm")
    whole, torn = (next(folder.glob(f"*{name}*.csv")) for name in ("CLEAN", "DIRTY"))
    with whole.open(encoding="utf-8", newline="") as first, torn.open(encoding="utf-8", newline="") as second:
        clean, damaged = list(csv.reader(first)), list(csv.reader(second))
    holes = {
        (str(number), damaged[0][place])
        for number, (before, after) in enumerate(zip(clean[1:], damaged[1:], strict=True), start=2)
        for place in range(len(before))
        if before[place] and not after[place]
    }
    run(["import", "employees", str(ROOT / "examples" / "mcva_ibm" / "employees.csv")])
    listed = tmp_path / "holes.csv"

    code = run(
        [
            *("import", "policies", str(torn), "--dry-run", "--problems", str(listed)),
            *("--map", str(ROOT / "examples" / "mcva_ibm" / "policies.map.yaml")),
        ]
    )

    with listed.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert code == 0
    assert len(holes) == 100
    assert {(row["row"], row["column"]) for row in rows} == holes
    assert f"Every problem, row by row: {listed}" in capsys.readouterr().out
