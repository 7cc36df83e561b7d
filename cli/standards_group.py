"""`taktas standards`: check, plan, publish, show and explain what managers define."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import choices
from cli.output import say, show_json, warn
from cli.progress import progress
from cli.work_words import language, moment_of
from core.errors import TaktasError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from standards.definition_folder import Definitions
    from standards.known_house import KnownHouse
    from standards.process import Process
    from standards.service.standard import Dimensions
    from tasks.handbooks.explaining import Explanation
    from tasks.handbooks.planning import EditionPlan

group = typer.Typer()
standards = typer.Typer(help="Check, plan, publish and explain processes and service standards.")
group.add_typer(standards, name="standards")

Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="Folder of definitions; those that come with taktas, if none.")
]
StartInside = Annotated[
    bool | None,
    typer.Option(
        "--start-inside/--no-start-inside", help="Start what is already inside the window of a new process, or not."
    ),
]
StartBehind = Annotated[
    bool | None,
    typer.Option("--start-behind/--no-start-behind", help="Start also what lies behind the window, or not."),
]
AsOf = Annotated[str | None, typer.Option(metavar="MOMENT", help="As of then; now, if not given.")]


@standards.command("check")
def check_command(folder: Folder = None) -> None:
    """Read a folder of definitions and tell everything that is wrong in it, each with file and line.

    Where there is a house, its teams, people, product lines and insurers must bear the names the folder uses.

    Examples:
      taktas standards check
      taktas standards check definitions/
    """
    from cli.standards_views import counted
    from standards.definition_folder import read_definitions

    house = _house_if_any()
    with progress("Checking"):
        found = read_definitions(folder, house=house)
    if choices().is_json:
        told = [*found.problems, *found.remarks]
        show_json([{name: getattr(it, name) for name in ("file", "line", "message", "is_remark")} for it in told])
        if found.problems:
            raise typer.Exit(1)
        return
    found.checked()
    _tell_remarks(found)
    say(f"{counted(found)}: nothing is wrong.")


@standards.command("plan")
def plan_command(folder: Folder = None, as_of: AsOf = None) -> None:
    """Tell what publishing would change, who works on older versions, and what would start in the next four weeks.

    Changes nothing.

    Example: taktas standards plan definitions/
    """
    from cli.standards_views import plan_data, tell_plan

    made = _planned(folder, moment_of(as_of))
    if choices().is_json:
        show_json(plan_data(made))
    else:
        tell_plan(made)


@standards.command("publish")
def publish_command(
    *,
    folder: Folder = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    start_inside: StartInside = None,
    start_behind: StartBehind = None,
    as_of: AsOf = None,
) -> None:
    """Publish a folder of definitions: what changed gets a new version, frozen for good.

    Running cases stay on their version, and no due time moves. What the folder does not mention stays as it is.

    Examples:
      taktas standards publish --yes
      taktas standards publish definitions/ --start-inside
    """
    from cli.actor import anyone
    from cli.standards_views import named
    from models.database import begin
    from standards.definition_folder import read_definitions
    from tasks.handbooks.publishing import publish

    at = moment_of(as_of)
    if not yes:
        _ask_first(folder, at)
    with begin() as db, progress("Publishing"):
        definitions = read_definitions(folder, house=_house(db, at)).checked()
        _tell_remarks(definitions)
        changes = publish(db, anyone(db), definitions, at, start_inside=start_inside, start_behind=start_behind)
    if choices().is_json:
        show_json([{"kind": it.kind, "name": it.name, "version": it.version} for it in changes])
        return
    for change in changes:
        say(f"{named(change.kind, change.name)}, version {change.version}")
    say(
        f"Published: {len(changes)} new version{'' if len(changes) == 1 else 's'}."
        if changes
        else "Nothing has changed, so nothing was published."
    )


def _tell_remarks(found: Definitions) -> None:
    for remark in found.remarks:
        warn(f"Note: {remark}")


def _ask_first(folder: Path | None, at: datetime) -> None:
    """Show the plan and wait for a yes. Raises: UsageError where nobody can answer."""
    from cli.standards_views import tell_plan

    if choices().is_json or not sys.stdin.isatty():
        raise UsageError("Nobody is there to say yes. Look with `taktas standards plan`, then publish with --yes.")
    tell_plan(_planned(folder, at))
    typer.confirm("Publish this?", abort=True)


def _planned(folder: Path | None, at: datetime) -> EditionPlan:
    from models.database import read
    from standards.definition_folder import read_definitions
    from tasks.handbooks.planning import plan

    with read() as db, progress("Working out what would change"):
        return plan(db, read_definitions(folder, house=_house(db, at)).checked(), at)


def _house(db: Connection, at: datetime) -> KnownHouse:
    from core.clock import zone
    from core.settings import settings
    from tasks.handbooks.house_names import known_house

    return known_house(db, at.astimezone(zone(settings().zone)).date())


def _house_if_any() -> KnownHouse:
    """The house as it is now; a folder can also be checked where there is none yet, or none can be reached."""
    from core.clock import now
    from core.settings import settings
    from models.database import read
    from models.embedded.server import embedded
    from standards.known_house import NO_HOUSE

    if settings().database_url is None and embedded().place() is None:
        return NO_HOUSE
    try:
        with read() as db:
            return _house(db, now())
    except TaktasError as error:
        warn(f"Names of teams, people and insurers were not checked, for want of a house: {error}")
        return NO_HOUSE


@standards.command("show")
def show_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A process; all of them, if none.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="As it stands in a folder, published or not.")
    ] = None,
    diagram: Annotated[bool, typer.Option("--diagram", help="As a picture, in Mermaid's words.")] = False,
) -> None:
    """Show what is published: all definitions, or one process step by step.

    Examples:
      taktas standards show
      taktas standards show renewal
      taktas standards show renewal --diagram
      taktas standards show renewal --folder definitions/
    """
    from cli.standards_views import show_published, tell_process

    if name is None:
        show_published(folder)
        return
    label, process = _process_named(name, folder)
    if diagram:
        from standards.diagram import mermaid

        drawn = mermaid(process, language())
        say(drawn.rstrip("\n"))
        if choices().is_json:
            show_json({"process": name, "diagram": drawn})
    else:
        tell_process(label, process, language())


def _process_named(name: str, folder: Path | None) -> tuple[str, Process]:
    """The process as published, or as it stands in the folder. Raises: NotPublished, DefinitionsNotValid."""
    from models.database import read
    from standards.definition_folder import read_definitions
    from standards.lists import code_of
    from tasks.handbooks.handbook import NotPublished, current

    if folder is not None:
        definitions = read_definitions(folder)
        process = definitions.processes.get(code_of(name))
        if process is None:
            known = ", ".join(definitions.processes) or "none"
            raise NotPublished(f"There is no process {name!r} in {folder}. Known: {known}.")
        return process.name, process
    with read() as db:
        published = current(db, code_of(name))
    return published.label, published.process


@standards.command("explain")
def explain_command(
    *,
    task: Annotated[int | None, typer.Argument(metavar="[TASK]", help="Number of a task.")] = None,
    action: Annotated[str, typer.Option(help="Instead of a task: work of this action …")] = "",
    process: Annotated[str, typer.Option(help="… in this process …")] = "",
    step: Annotated[str, typer.Option(help="… at this step.")] = "",
    product_line: Annotated[str, typer.Option(help="Product line.")] = "",
    client_kind: Annotated[str, typer.Option(help="person, company or consortium.")] = "",
    client_tier: Annotated[str, typer.Option(help="Tier of the client.")] = "",
    client_standing: Annotated[str, typer.Option(help="new, existing or former.")] = "",
    insurer: Annotated[str, typer.Option(help="Code of the insurer.")] = "",
    channel: Annotated[str, typer.Option(help="Channel.")] = "",
    campaign: Annotated[str, typer.Option(help="Code of the campaign.")] = "",
    as_of: AsOf = None,
) -> None:
    """Tell which standard gave which field, which ones lost and why, and how the due moment was counted.

    Examples:
      taktas standards explain 7
      taktas standards explain --action call --client-tier vip
    """
    from cli.standards_views import explanation_data, tell_explanation
    from standards.service.standard import Dimensions

    wanted = Dimensions(
        action=action,
        process=process,
        step=step,
        product_line=product_line,
        client_kind=client_kind,
        client_tier=client_tier,
        client_standing=client_standing,
        insurer=insurer,
        channel=channel,
        campaign=campaign,
    )
    found = _explained(task, wanted, as_of)
    if choices().is_json:
        show_json(explanation_data(found))
    else:
        tell_explanation(found)


def _explained(task: int | None, wanted: Dimensions, as_of: str | None) -> Explanation:
    from cli.actor import anyone
    from models.database import read
    from tasks.handbooks.explaining import explain_task, explain_work

    if (task is None) == (wanted == type(wanted)()):
        raise UsageError("Explain what? Give the number of a task, or say what kind of work, such as --action call.")
    with read() as db:
        if task is not None:
            return explain_task(db, anyone(db), task)
        return explain_work(db, wanted, moment_of(as_of))
