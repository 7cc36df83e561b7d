"""`taktas tasks exceptions`: where the house's work does not go as it should, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.actor import anyone
from cli.choices import choices
from cli.output import Column, say, show_json, shown, table
from cli.progress import progress
from cli.work_words import AsOf, language, moment_of

if TYPE_CHECKING:
    from tasks.exceptions.line import Line, Part
    from tasks.exceptions.listing import Exceptions

HEADINGS = {
    "lapsed": "Ran out undecided: these clients have no cover",
    "unowned": "Work nobody has",
    "stranded": "Nothing left to do and not ended: say how they ended, with taktas cases end",
    "not_bound": "Accepted but not bound: must be empty, no insurer has confirmed this cover",
    "uncovered": "Run out by {ahead}, without a case or a new term",
    "breached": "Overdue, not escalated",
    "escalated": "Escalated and still open",
    "messages": "Messages that did not arrive, or nobody knows whether they did",
}
_COLUMNS = (
    Column("what", "What"),
    Column("client", "Client"),
    Column("who", "Who"),
    Column("when", "When"),
    Column("note", "Note"),
    Column("command", "To see it"),
)


def exceptions_command(
    *,
    team: Annotated[str | None, typer.Option(metavar="CODE", help="Only this team's.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="What ran out or failed since then; a week ago.")
    ] = None,
    ahead: Annotated[
        str | None, typer.Option(metavar="SPAN", help="How far to look ahead, such as 10 days; as the house declared.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of each kind.")] = 20,
    as_of: AsOf = None,
) -> None:
    """Say where work does not go as it should: lapsed, unowned, stranded, unbound, uncovered, late, unsent.

    The same list comes to managers by mail once a week. Whoever is not a manager sees what their team is behind with.

    Examples:
      taktas tasks exceptions
      taktas tasks exceptions --team sales --ahead "10 working days"
    """
    from core.clock import parse_moment
    from core.settings import settings
    from models.database import read
    from standards.working_time.duration import parse_duration
    from tasks.desk.views import staff_of
    from tasks.exceptions.listing import list_exceptions, scope_of
    from tasks.facts.finding import find_team

    at = moment_of(as_of)
    begun = parse_moment(since, settings().zone) if since else None
    span = parse_duration(ahead) if ahead else None
    with read() as db, progress("Looking for exceptions"):
        actor = anyone(db)
        team_id = find_team(db, team) if team else None
        me = staff_of(db, actor.employee_id) if actor.employee_id is not None else None
        if me is not None and not me.is_manager:
            team_id = me.team_id if me.team_id is not None else 0
        scope = scope_of(db, at=at, since=begun, team_id=team_id, ahead=span, language=language(), at_most=limit)
        found = list_exceptions(db, scope)
    if choices().is_json:
        show_json(_json(found))
    else:
        _tell(found)


def _tell(found: Exceptions) -> None:
    for part in found.parts:
        if part.total:
            _tell_part(part, found)
    if not found.total:
        say("No exceptions: nothing lapsed, unowned, stranded, unbound, uncovered, overdue, escalated or unsent.")
    told = found.counts
    say(
        f"Since {shown(found.scope.since)}: opened {told['opened']}, done {told['done']}, of these late "
        f"{told['done_late']}; open now {told['open']}, of these overdue {told['overdue']}."
    )


def _tell_part(part: Part, found: Exceptions) -> None:
    heading = HEADINGS[part.kind.value].format(ahead=found.scope.ahead)
    cells = [_cells(line) for line in part.lines]
    used = [place for place in range(len(_COLUMNS)) if any(row[place] for row in cells)]
    columns = [_COLUMNS[place] for place in used]
    say(f"{heading} ({part.total})\n{table(columns, [[row[place] for place in used] for row in cells])}")
    if part.total > len(part.lines):
        say(f"… and {part.total - len(part.lines)} more; --limit shows them.\n")


def _cells(line: Line) -> list[str]:
    when = shown(line.on if line.on is not None else line.at)
    state = line.state.replace("_", " ") if line.state else None
    level, limit = f"level {line.level}" if line.level else None, "limit passed" if line.is_past_limit else None
    told = (state, level, limit, line.note)
    note = ", ".join(part for part in told if part)
    client = None if line.client and line.client in line.what else line.client
    return [shown(it) for it in (line.what, client, line.who, when, note, line.command)]


def _json(found: Exceptions) -> dict[str, Any]:
    return {
        "since": found.scope.since,
        "as_of": found.scope.at,
        "ahead": found.scope.ahead,
        "exceptions": {
            part.kind.value: {"total": part.total, "lines": [_line_json(line) for line in part.lines]}
            for part in found.parts
        },
        "counts": dict(found.counts),
    }


def _line_json(line: Line) -> dict[str, Any]:
    names = ("what", "state", "client", "who", "at", "on", "level", "is_past_limit", "note", "command")
    return {name: getattr(line, name) for name in names}
