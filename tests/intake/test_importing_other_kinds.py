"""Reference lists, programmes and campaigns into the book; and the last lines of defence of any import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from intake import importing
from intake.cells import problem as cell_problem
from intake.cells.problem import MappingDoesNotFit
from intake.importing import FileNotLoadable, ImportReport
from intake.reading.row_source import FileNotReadable
from models.campaigns import campaign_members, campaigns
from models.contracts import insurers, product_lines, programmes
from models.parties import parties
from models.work import happenings

Bring = Callable[..., ImportReport]


def _reasons(report: ImportReport) -> list[str]:
    return [str(problem) for problem in report]


def test_insurers_and_product_lines_come_in_and_change(db: Connection, bring: Bring) -> None:
    """A label in another language is added to those there are."""
    bring("insurers", "code,name,country,collects_itself\nergo,ERGO,lt,yes\n")
    bring("product_lines", "code,label_en\nmotor,Motor\n")

    renamed = bring("insurers", "code,name\nergo,ERGO Insurance\nergo,Again\n")
    bring("product_lines", "code,label_en,label_lt\nmotor,Motor,Transportas\n")

    assert db.execute(select(insurers.c.name, insurers.c.country, insurers.c.collects_itself)).all() == [
        ("ERGO Insurance", "LT", True)
    ]
    assert db.scalar(select(product_lines.c.labels)) == {"en": "Motor", "lt": "Transportas"}
    assert _reasons(renamed) == ["row 3, code: row 2 is about the same insurer already"]


def test_programmes_come_in_with_their_clients(db: Connection, bring: Bring) -> None:
    """A fleet belongs to the client of its row."""
    head = "programme.number,programme.kind,programme.name,client.number,client.kind,client.name\n"

    report = bring("programmes", head + "F1,fleet,Vans,K1,company,UAB Ąžuolas\n" * 2)

    assert db.scalar(select(programmes.c.client_id)) == db.scalar(select(parties.c.id))
    assert _reasons(report) == ["row 3, programme.number: row 2 is about the same programme already"]


def test_the_list_of_a_campaign_comes_in(db: Connection, bring: Bring) -> None:
    """New names become clients; being taken off the list is a happening, once."""
    bring("product_lines", "code,label_en\nmotor,Motor\n")
    bring("campaigns", "campaign.code,name,product_line,starts_on,ends_on\nspring,Spring,motor,2026-03-01,2026-05-31\n")
    head = "campaign.code,client.number,client.kind,client.name,source,removed_at,remove_reason\n"
    bring("campaign_members", head + "spring,K1,person,Ona,fair,,\nspring,K2,person,Jonas,fair,,\n")
    off = head + "spring,K1,person,Ona,fair,2026-03-02,asked\n"

    again = bring("campaign_members", off + "spring,K1,person,Ona,fair,,\nsummer,K3,person,Rasa,,,\n")
    bring("campaign_members", off)

    assert db.scalar(select(campaigns.c.starts_on)) == date(2026, 3, 1)
    assert len(db.scalars(select(campaign_members.c.id)).all()) == 2
    assert db.scalars(select(happenings.c.kind)).all() == ["campaign.member_removed"]
    assert _reasons(again) == [
        "row 3, client.number: row 2 is about the same member of the campaign already",
        "row 4, campaign.code: there is no campaign 'summer'. Import campaigns first.",
    ]


def test_a_campaign_that_cannot_be_is_refused(bring: Bring) -> None:
    """Backwards, of an unknown line, owned by a stranger."""
    head = "campaign.code,name,product_line,owner,starts_on,ends_on\n"

    report = bring(
        "campaigns",
        head + "a,A,,,2026-03-01,2026-02-01\nb,B,boats,,2026-03-01,\nc,C,,jonas,2026-03-01,\n",
    )

    assert _reasons(report) == [
        "row 2, ends_on: the campaign would end before it begins",
        "row 3, product_line: there is no product line 'boats'. Import product lines first.",
        "row 4, owner: there is no employee with the login 'jonas'. Import employees first.",
    ]


def test_a_mapping_that_does_not_fit_stops_the_import(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a hundred thousand refusals nobody mends row by row."""
    monkeypatch.setattr(cell_problem, "MOST_REFUSED", 2)

    with pytest.raises(MappingDoesNotFit) as refused:
        bring("clients", "number,kind,name\n" + "K1,nobody,Ona\n" * 3)

    assert str(refused.value) == (
        "More than 2 rows were refused, the first one for this reason: row 2, kind: 'nobody' is not one of person, "
        "company, consortium. Nothing was imported; mend the mapping first."
    )


def test_a_file_that_turns_out_to_be_unreadable_stops_the_import(bring: Bring) -> None:
    """Also in the middle of streaming it in: the sentence comes through."""
    with pytest.raises(FileNotReadable) as refused:
        bring("clients", "number,kind,name\nK1,person,Ona\n" + "x" * 1_100_000)

    assert str(refused.value) == (
        "A line of table.csv is longer than 1,000,000 characters: this is not a table. "
        "Export it as CSV with one row per line."
    )


def test_what_only_the_database_refuses_is_a_sentence(
    db: Connection, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last line of defence: no traceback, nothing imported."""

    def break_a_promise(loading: Any) -> None:
        loading.db.execute(insert(parties).values(number="K1", kind="nobody", name="Ona", sort_key="ona"))

    monkeypatch.setitem(importing.LOADERS, "clients", break_a_promise)

    with pytest.raises(FileNotLoadable) as refused, db.begin_nested():
        bring("clients", "number,kind,name\nK1,person,Ona\n")

    assert str(refused.value).startswith("The database refused the file, so nothing was imported: ")
    assert str(refused.value).endswith("Mend the row it speaks of, or report this: the import should have named it.")


def test_only_the_first_warnings_are_kept_and_all_are_counted(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded, the figures are not."""
    monkeypatch.setattr(cell_problem, "KEPT_WARNINGS", 3)
    mapping = (
        "import: clients\ncolumns: {number: client.number, kind: client.kind, name: client.name, town: client.region}\n"
    )

    report = bring("clients", "number,kind,name,town\n" + "".join(_rows(7)), mapping=mapping)

    assert len(report.problems.warnings) == 3
    assert report.problems.counted == {("town", "it is empty, so client.region is not filled in"): 7}


def _rows(count: int) -> Iterator[str]:
    for number in range(count):
        yield f"K{number},person,Ona,\n"


def test_progress_hears_of_every_row(db: Connection, bring: Bring) -> None:
    """Even of those that are refused."""
    report = bring("clients", "number,kind,name\n" + "".join(_rows(7)).replace("Ona,", "Ona"))

    assert (report.rows, report.imported) == (7, 7)
    assert len(db.scalars(select(parties.c.id)).all()) == 7
