"""What all reports share on the command line: their options, and how an answer is shown or written to a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.choices import choices
from cli.output import Column, json_text, moment, say, table, write_bytes, write_file
from cli.progress import progress
from cli.work_words import language, moment_of
from core.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from reports.assignment import Question
    from reports.period import Period
    from reports.sheet import Report, Sheet


class Format(StrEnum):
    """How the figures are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


FILES = tuple(form.value for form in Format if form is not Format.TABLE)
Code = TypeVar("Code", bound=StrEnum)

First = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First day; the first of that month, if not given.")
]
Last = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day, included; today, if not given.")]
AsOf = Annotated[str | None, typer.Option(metavar="MOMENT", help="As things stood then; now, if not given.")]
By = Annotated[str, typer.Option(metavar="WORDS", help="Split by one or several, such as employee,action,product.")]
Only = Annotated[str, typer.Option(metavar="WORDS", help="Only this work, such as employee=asta,action=call.")]
Form = Annotated[Format | None, typer.Option("--format", help="How it is written; as the file's name ends.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file.")]
Chart = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw a picture into this file: .svg or .png.")]


def as_asked(form: Format | None, out: Path | None) -> Format:
    """The format that is meant: the one named, else that of the file's name, else a table.

    Raises: UsageError for an Excel file without a place, and for a file whose name says another format.
    """
    named = Format.JSON if choices().is_json else form
    ending = out.suffix.lower().removeprefix(".") if out else ""
    if out and named and ending in FILES and ending != named:
        raise UsageError(f"{out.name} would hold {named.value}, not {ending}. Name it {out.stem}.{named.value}.")
    wanted = named or (Format(ending) if ending in FILES else Format.TABLE)
    if wanted is Format.XLSX and out is None:
        raise UsageError("An Excel file cannot be shown on the screen. Say where to write it: --out figures.xlsx")
    choices().is_file = wanted is not Format.TABLE and out is None
    return wanted


def period_of(first: str | None, last: str | None, at: datetime) -> Period:
    """The days that are meant; this month so far, unless told otherwise."""
    from core.clock import parse_date, zone
    from core.settings import settings
    from reports.period import Period

    last_day = parse_date(last) if last else at.astimezone(zone(settings().zone)).date()
    return Period(first=parse_date(first) if first else last_day.replace(day=1), last=last_day, zone=settings().zone)


def question_of(*, first: str | None, last: str | None, by: str, as_of: str | None = None, only: str = "") -> Question:
    """What is asked, as far as whoever asks may see."""
    from cli.actor import anyone
    from models.database import read
    from reports.assignment import Question
    from reports.dimension import parse_by
    from reports.narrowing import parse_only
    from reports.sight import seen_by

    moment_asked, groups = moment_of(as_of), parse_by(by)
    period = period_of(first, last, moment_asked)
    with read() as db:
        seen, narrowed = seen_by(db, anyone(db)), parse_only(db, only, language=language())
    return Question(
        period=period, by=groups, as_of=moment_asked, employee_ids=seen, only=narrowed, only_words=only.strip()
    )


def heading(question: Question, what: str) -> str:
    """What is shown, of which days, as of when; and, where it is not the work of everybody, of whom and of what."""
    from reports.asking import limits, source

    period, only = question.period, limits(question)
    told = f"{what} from {period.first} to {period.last}, as of {moment(question.as_of)}{source(question)}"
    return f"{told}\n{only}" if only else told


def one_of(codes: type[Code], word: str, option: str) -> Code:
    """The code that is meant. Raises: UsageError."""
    wanted = word.strip().lower().replace(" ", "_").replace("-", "_")
    known = [code.value for code in codes]
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f". Use {' or '.join(known)}."
        raise UsageError(f"{option} cannot be {word!r}{hint}")
    return codes(wanted)


def deliver(report: Report, form: Format, out: Path | None, *, head: str = "", empty: str = "") -> None:
    """The answer on the screen, as a table unless told otherwise, or in a file, whole or not at all.

    `head` stands above a table; other files say themselves what was asked. A CSV holds one table: further ones are
    written into files beside it, named after it and after what they hold.
    """
    if form is Format.TABLE and out is None:
        if head:
            say(head)
        for number, sheet in enumerate(report.sheets):
            say("\n" * bool(number) + shown(sheet, empty))
        return
    with progress("Writing"):
        content = written(report, form, head)
    if out is None:
        write_bytes(content)
        return
    write_file(out, content)
    beside = list(_beside(report, out)) if form is Format.CSV else []
    say(f"Written to {' and '.join(map(str, [out, *beside]))}.")


def _beside(report: Report, out: Path) -> Iterator[Path]:
    from reports.export import as_csv

    for sheet in report.sheets[1:]:
        if sheet.rows:
            place = out.with_name(f"{out.stem}-{sheet.name}{out.suffix}")
            write_file(place, as_csv(sheet))
            yield place


def shown(sheet: Sheet, empty: str = "") -> str:
    """One sheet for people: its title, its table, what to note."""
    from reports.sheet import text_table

    if not sheet.rows:
        return "\n".join([sheet.title] * bool(sheet.title) + [empty])
    told = text_table(sheet, moment)
    columns = [Column(name, name, is_number) for name, is_number in zip(told.headings, told.are_numbers, strict=True)]
    drawn = table(columns, told.rows).rstrip("\n")
    return "\n".join([*[sheet.title] * bool(sheet.title), drawn, *sheet.notes])


def written(report: Report, form: Format, head: str = "") -> bytes:
    """The answer as a file of that format."""
    from reports.export import as_csv, as_json, as_xlsx

    if form is Format.CSV:
        return as_csv(report.sheets[0])
    if form is Format.XLSX:
        return as_xlsx(report)
    if form is Format.JSON:
        return f"{json_text(as_json(report))}\n".encode()
    told = "\n\n".join(shown(sheet) for sheet in report.sheets)
    return (f"{head}\n" * bool(head) + f"{told}\n").encode()
