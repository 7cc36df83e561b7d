"""Reading a mapping: every problem at its line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.cells.formats import DateOrder
from intake.import_kinds import KINDS
from intake.mappings.mapping import ColumnUse, FileLayout
from intake.mappings.reading import MappingNotReadable, MappingNotValid, parse_mapping, read_mapping
from standards.working_time.duration import parse_anchored

GOOD = """\
import: policies
file: {encoding: cp1257, delimiter: ';', heading row: 3, sheet: Policies}
dates: day.month.year
numbers: {decimal: ',', thousands: blank, rounding: cents}
premium: {period: half year, currency: EUR}
zone: Europe/Madrid
insurers: {ergo: ERGO}
product lines: {motor: {en: Motor, lt: Transportas}, home: Home}
columns:
  Draudėjas: client.number
  Polisas:
    - policy.number
    - {to: object.label, empty: clears}
  Rūšis: {to: policy.product_line, values: {Kasko: motor, Būstas: home}, others: keep}
  Galioja iki: term.expires_on
  Įmoka: term.premium_gross
constants:
  policy.insurer: ergo
  term.placed: by us
computed:
  term.starts_on: 1 year before term.expires_on
  object.plate: "{Polisas}/{Rūšis}"
key: [policy.insurer, policy.number]
may be empty: Įmoka
leave out: [Pastabos]
name when empty: [Telefonas]
"""


def _problems(text: str, kind: str = "policies") -> list[str]:
    with pytest.raises(MappingNotValid) as refused:
        parse_mapping(text, "a.yaml", kind=KINDS[kind])
    return [str(problem) for problem in refused.value.problems]


def test_a_whole_mapping_is_read() -> None:
    """Everything the language has, once."""
    mapping = parse_mapping(GOOD, "a.yaml", kind=KINDS["policies"])

    assert mapping.layout == FileLayout(encoding="cp1257", delimiter=";", heading_row=3, sheet="Policies")
    assert mapping.formats.dates is DateOrder.DAY_MONTH_YEAR
    assert (mapping.formats.decimal_sign, mapping.formats.thousands_sign) == (",", " ")
    assert (mapping.formats.rounds_to_cents, mapping.formats.zone) == (True, "Europe/Madrid")
    assert mapping.columns[0] == ColumnUse(heading="Draudėjas", path="client.number", line=10)
    assert [use.path for use in mapping.columns if use.clears] == ["object.label"]
    assert mapping.columns[3].values == {"Kasko": "motor", "Būstas": "home"}
    assert mapping.columns[3].keeps_others
    assert {each.path: each.text for each in mapping.constants} == {
        "policy.insurer": "ergo",
        "term.placed": "by us",
        "term.premium_period": "half_year",
        "term.currency": "EUR",
    }
    assert mapping.computed[0].shift == parse_anchored("1 year before term.expires_on")
    assert mapping.computed[1].parts == ("", "Polisas", "/", "Rūšis", "")
    assert mapping.business_key == ("policy.insurer", "policy.number")
    assert (list(mapping.may_be_empty), list(mapping.leave_out)) == (["Įmoka"], ["Pastabos"])
    assert mapping.product_lines["home"] == {"en": "Home"}


def test_the_usual_business_key_is_the_first_that_is_filled() -> None:
    """A sequence tells terms apart best, then a start, else the row is about the newest term."""
    with_start = parse_mapping(GOOD.replace("key: [policy.insurer, policy.number]\n", ""), "a", kind=KINDS["policies"])

    assert with_start.business_key == ("policy.insurer", "policy.number", "term.starts_on")


def test_all_problems_are_told_at_once() -> None:
    """Each at its line, in order."""
    text = """\
import: policies
file: {encoding: cp1275x, delimiter: xx, heading row: first, sheets: A}
dates: month first
numbers: {decimal: ';', thousands: '.', rounding: up}
zone: Europe/Vilno
columns:
  A: client.numbr
  B: number
  C: {to: policy.number, values: [x], empty: perhaps}
  D: {values: {a: b}}
  E: policy.number
  F: {to: term.placed, values: {ours: by uss}}
constants:
  term.expires_on: 31/12/2026
computed:
  term.starts_on: 2 working days before term.ended_on
  term.notice_by: early
colums: {}
"""

    needs = "which every row needs. Add a column, a constant or a computed field."
    assert _problems(text) == [
        "a.yaml:2: 'xx' is not a delimiter. Use one sign such as ',' or ';', or tab.",
        (
            "a.yaml:2: There is no encoding 'cp1275x' here; did you mean cp1258? Common ones are utf-8, "
            "cp1257 (Baltic Windows), iso-8859-13, cp1252 and iso-8859-15 (Western Europe)."
        ),
        "a.yaml:2: file has no key 'sheets'; did you mean sheet? Its keys: encoding, delimiter, heading row, sheet.",
        "a.yaml:2: heading row must be a whole number of at least 1, not 'first'.",
        "a.yaml:3: 'month first' is not an order of dates. Use day/month/year, month/day/year, year/month/day.",
        "a.yaml:4: ';' is not a decimal sign. Use '.', ','.",
        "a.yaml:4: 'up' is not a rounding. Use cents, none.",
        "a.yaml:5: There is no time zone 'Europe/Vilno'. Use an IANA name such as Europe/Vilnius.",
        f"a.yaml:6: nothing fills client.number, {needs}",
        f"a.yaml:6: nothing fills policy.insurer, {needs}",
        f"a.yaml:6: nothing fills policy.product_line, {needs}",
        "a.yaml:7: policies have no field 'client.numbr'; did you mean client.number?",
        "a.yaml:8: policies have no field 'number'; did you mean client.number?",
        "a.yaml:9: 'perhaps' is not a word for empty. Use clears, keeps.",
        "a.yaml:9: values must be keys with values, such as values: {key: value}.",
        "a.yaml:10: column 'D' does not say which field it becomes. Add to: a field.",
        "a.yaml:11: policy.number is filled twice, first on line 9. Keep one of them.",
        "a.yaml:12: term.placed: 'by uss' is not one of by_us, elsewhere; did you mean by_us?",
        "a.yaml:14: term.expires_on: '31/12/2026' has no year of four digits where year/month/day has it.",
        "a.yaml:16: term.starts_on can be counted in days, weeks, months or years, not in 2 working days.",
        "a.yaml:16: term.starts_on is counted from term.ended_on, which is no date this file brings.",
        "a.yaml:17: term.notice_by is counted from early, which is no date this file brings.",
        (
            "a.yaml:18: a mapping has no key 'colums'; did you mean columns? Its keys: import, file, dates, numbers, "
            "premium, zone, columns, constants, computed, key, may be empty, name when empty, leave out, insurers, "
            "product lines."
        ),
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            ("decimal: ',', thousands: blank", "decimal: ',', thousands: comma"),
            "a.yaml:4: ',' cannot be both the decimal and the thousands sign.",
        ),
        (
            ("{ergo: ERGO}", "{If P&C: If}"),
            "a.yaml:7: insurers: 'If P&C' cannot be a code. Use small letters, digits and underscores.",
        ),
        (("lt: Transportas", "lv: Auto"), "a.yaml:8: product lines: motor has a label in 'lv'. Use en, lt, es."),
        (("{to: object.label, empty: clears}", "object.fact.size"), None),
    ],
)
def test_one_thing_wrong_is_one_problem(change: tuple[str, str], problem: str | None) -> None:
    """The rest of the mapping is sound."""
    text = GOOD.replace(*change)

    if problem is None:
        parse_mapping(text, "a.yaml", kind=KINDS["policies"])
    else:
        assert _problems(text) == [problem]


def test_an_object_must_be_known_by_something() -> None:
    """Facts alone belong to nothing."""
    text = GOOD.replace("{to: object.label, empty: clears}", "object.fact.size").replace(
        "  object.plate:", "  object.kind:"
    )

    assert _problems(text) == [
        (
            "a.yaml:13: object.fact.size belongs to an insured object, which needs object.label or object.plate to be "
            "known by."
        )
    ]


def test_a_mapping_for_another_kind_is_refused() -> None:
    """It would fill the wrong fields."""
    text = "import: clients\ncolumns: {A: employee.login, B: employee.name}\n"

    assert _problems(text, "employees") == [
        "a.yaml:1: this mapping is for clients, not for employees. Use another, or import clients."
    ]


def test_premiums_need_their_period_and_currency() -> None:
    """They are never guessed."""
    text = """\
import: policies
columns:
  A: [client.number, policy.number]
  B: term.expires_on
  C: term.premium_net
constants: {policy.insurer: ergo, policy.product_line: motor}
"""

    assert _problems(text) == [
        "a.yaml: premiums need their currency, which is never guessed. Declare it: premium: {currency: EUR}.",
        "a.yaml: premiums need their period, which is never guessed. Declare it: premium: {period: year}.",
    ]


def test_a_key_must_tell_rows_apart() -> None:
    """One of the keys of the kind, all of whose fields are filled."""
    text = """\
import: absences
key: [employee.login]
columns: {A: employee.login, B: absence.starts_at, C: absence.ends_at}
constants: {absence.kind: holiday}
"""

    assert _problems(text, "absences") == [
        "a.yaml:2: key [employee.login] does not tell absences apart. Use [employee.login, absence.starts_at]."
    ]


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With its name and the reason."""
    missing = tmp_path / "a.yaml"

    with pytest.raises(MappingNotReadable) as refused:
        read_mapping(missing, kind=KINDS["clients"], zone="UTC")

    assert str(refused.value) == f"The mapping {missing} cannot be read: No such file or directory."


def test_a_mapping_of_another_shape_is_refused() -> None:
    """A list, an empty file, a file that is no YAML: one sentence each."""
    assert _problems("- a\n") == ["a.yaml:1: a mapping must be keys with values, such as a mapping: {key: value}."]
    assert _problems("") == ["a.yaml: the file is empty. Write a definition, or remove the file."]
    assert len(_problems("columns: {A: [}\n")) == 1
