"""Finding the columns a mapping names in a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select

from intake.importing import ImportReport
from intake.mappings.reading import MappingNotValid
from intake.reading.headings import HeadingsNotFields
from models.parties import parties

Bring = Callable[..., ImportReport]

MAPPING = """\
import: clients
columns:
  Client No: client.number
  Full Name: client.name
constants: {client.kind: person}
name when empty: [Town]
"""


def _refusal(bring: Bring, table: str, mapping: str = MAPPING) -> list[str]:
    with pytest.raises(MappingNotValid) as refused:
        bring("clients", table, mapping=mapping)
    return [str(problem).partition("table.map.yaml")[2] for problem in refused.value.problems]


def test_case_blanks_and_underscores_do_not_count(db: Connection, bring: Bring) -> None:
    """One mapping serves copies whose headings were tidied."""
    report = bring("clients", "client_no, FULL  name ,Town\nK1,Ona,Vilnius\n", mapping=MAPPING)

    assert db.scalars(select(parties.c.name)).all() == ["Ona"]
    assert report.notes == ()


def test_columns_that_are_not_there_are_told_together(bring: Bring) -> None:
    """Each at the line that names it, with the nearest."""
    assert _refusal(bring, "Client Nr,Name\nK1,Ona\n") == [
        ":3: the file has no column 'Client No'; did you mean Client Nr?",
        ":4: the file has no column 'Full Name'; did you mean Name?",
        ":6: the file has no column 'Town'.",
    ]


def test_two_columns_of_one_heading_are_not_guessed_between(bring: Bring) -> None:
    """Only where the mapping names them; others may be alike."""
    assert _refusal(bring, "Client No,Full Name,Full Name,Town,Town 2,Town 2\n") == [
        ":4: the file has 2 columns headed 'Full Name'. Rename all but one."
    ]


def test_another_delimiter_is_suspected_where_there_is_one_column(bring: Bring) -> None:
    """The commonest mistake of all."""
    assert _refusal(bring, "Client No;Full Name;Town\nK1;Ona;Vilnius\n") == [
        (
            ": the headings of the file are one single column ('Client No;Full Name;Town'). "
            "If another sign stands between its columns, declare it: file: {delimiter: ';'}."
        )
    ]


def test_columns_nobody_speaks_of_are_listed(bring: Bring) -> None:
    """Unless the mapping leaves them out."""
    table = "Client No,Full Name,Town,Shoe size,Notes\nK1,Ona,Vilnius,37,x\n"

    told = bring("clients", table, mapping=MAPPING + "leave out: [notes]\n").notes

    assert told == ("Columns the mapping says nothing about: Shoe size.",)


def test_a_file_in_our_own_layout_may_use_short_names(bring: Bring) -> None:
    """Where only one field of the kind can be meant."""
    report = bring(
        "programmes", "programme.number,programme.kind,programme.name,client.number,client.kind,client.name\n"
    )

    assert report.rows == 0


def test_a_file_in_our_own_layout_with_semicolons_needs_a_mapping(bring: Bring) -> None:
    """As Excel writes it in many countries."""
    with pytest.raises(HeadingsNotFields) as refused:
        bring("clients", "number;kind;name\nK1;person;Ona\n")

    assert str(refused.value).endswith(
        "Its headings are one single column: if another sign than a comma stands between them, declare it."
    )
