"""The command line: `taktas` and its commands, each loaded only when it is called.

How to add commands
-------------------
A file `cli/<something>.py` offers one `typer.Typer` named `group`; what is registered on it becomes a command of
`taktas` itself. Add a line for each of its top-level names to COMMANDS below: name, module, one sentence.

    from __future__ import annotations
    from typing import Annotated
    import typer
    from cli.output import Column, show

    group = typer.Typer()
    tasks = typer.Typer(help="Work: list, start, complete.")     # the same sentence as in COMMANDS
    group.add_typer(tasks, name="tasks")

    @tasks.command("list")
    def list_tasks(team: Annotated[str | None, typer.Option(help="Only this team's work.")] = None) -> None:
        \"\"\"List open work, the most urgent first.

        Example: taktas tasks list --team sales
        \"\"\"
        from models.database import read          # late: what a command needs is imported inside it
        from tasks.desk.worklists import worklist

        with read() as db:
            rows = worklist(db, acting(db), team=team)
        show(rows, [Column("id", "Task"), Column("title", "What"), Column("due_at", "Due")], empty="Nothing to do.")

Rules
- At the head of the file import only the standard library, typer, core.errors and cli.output / cli.actor /
  cli.progress; everything else inside the command. `taktas --help` must not load a database driver.
- Every command's help has a line `Example: taktas …` (or `Examples:` followed by indented lines) and is described in
  docs/commands.md.
- `--house`, `--as`, `--json` and `--language` are added to every command by this module: do not declare them.
- Print through cli.output: `show(rows, columns)` for a list, `show_one(mapping, labels)` for one thing, `say(text)`
  for a sentence (silent under --json). Under --json call exactly one of the `show` functions. All rows carry plain
  values (ids, codes, dates, aware datetimes, Decimals): the table shows moments in the reader's zone.
- Who acts: `acting(db)` from cli.actor for changes by a person (refuses when nobody is named), `anyone(db)` where
  nobody needs to be (runs, imports, lists of the whole house).
- A command with more than five options takes them keyword-only (`def f(*, ...)`).
- Errors: raise a TaktasError (exit code 1) or UsageError (exit code 2); never print and exit. Commit at the
  boundary: `with begin() as db:`; print after the block, so that what is printed has been kept.
- What may take over a second: `with progress("Importing", total=n) as step: … step(1)` from cli.progress.
- Prefect only behind `--prefect`, through flows.entry, imported inside the branch.
- Tests call `run(["tasks", "list"])` from here and look at the exit code and capsys.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from cli.choices import restored, shared_options
from cli.errors import guarded
from cli.plain_values import PLAIN_VALUES

COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("demo", "cli.demo_command", "Build a sample brokerage and work through one Monday."),
    ("up", "cli.up_command", "Keep the house up: the database, one Prefect server, and the beat over the schedules."),
    ("import", "cli.import_group", "Bring in clients, policies, employees and more from Excel or CSV."),
    ("standards", "cli.standards_group", "Check, plan, publish and explain processes and service standards."),
    ("run", "cli.run_group", "Start the cases of a process that are due, with their first tasks in the right hands."),
    ("runs", "cli.run_group", "Look at runs, approve proposals, prove that nothing is missing."),
    ("tasks", "cli.task_changes", "Work: list, start, wait, complete, correct, reassign."),
    ("cases", "cli.case_changes", "Cases: list them, follow one from its start to its end."),
    (
        "happenings",
        "cli.happening_commands",
        "What befell clients and policies: list what was reported, report by hand.",
    ),
    ("employees", "cli.staff_commands", "People who work here, and handing over what they leave behind."),
    ("tick", "cli.tick_command", "Do what is due: timers, happenings, reminders, escalations."),
    ("send", "cli.send_command", "Send the messages that are due."),
    ("messages", "cli.messages_group", "Messages: what left the house, what did not and why; try again, release."),
    ("bounces", "cli.bounces_group", "Mail that came back: read it, mark addresses, see what was not understood."),
    (
        "schedules",
        "cli.schedule_group",
        "What runs by itself: when it rings, what it did, pause it, change it, ring it now.",
    ),
    ("deploy", "cli.deploy_command", "Register the schedules with a Prefect server, for its workers on many machines."),
    ("report", "cli.report_group", "Figures: how much was done, how well and how fast."),
    ("export", "cli.export_group", "Write an event log: who did what in which case, and when."),
    ("db", "cli.db_group", "The database: upgrade, status, backup and restore."),
    ("config", "cli.config_command", "List every setting, its value and where it comes from."),
    ("doctor", "cli.doctor_command", "Look for what is broken, stuck or about to run out."),
)


class LateGroup(TyperGroup):
    """The top level: knows its commands by name and sentence, and loads one when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of a working day."""
        return [name for name, _, _ in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, loaded; None where there is none."""
        module = next((module for name, module, _ in COMMANDS if name == cmd_name), None)
        if module is None:
            return None
        from importlib import import_module

        loaded = get_group(import_module(module).group).commands[cmd_name]
        return _with_shared_options(loaded)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in `taktas --help`, written from COMMANDS so that nothing has to be loaded."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, _, sentence in COMMANDS])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Finds the command; a misspelt one is answered with the nearest that exists."""
        self.commands = dict.fromkeys(self.list_commands(ctx), self)
        return super().resolve_command(ctx, args)


def _with_shared_options(command: Any) -> Any:
    """The command and everything under it also takes the shared options; its examples keep their lines."""
    command.add_help_option = False  # ours is among the shared ones
    taken = {option for parameter in command.params for option in parameter.opts}
    command.params += [option for option in shared_options() if not taken & set(option.opts)]
    for parameter in command.params:
        parameter.get_runtime_param = lambda: PLAIN_VALUES
    command.help = _laid_out(command.help or "")
    command.short_help = " ".join(command.help.split("\n\n")[0].split())
    command.rich_markup_mode = None
    if isinstance(command, TyperGroup):
        command.no_args_is_help = True
        for below in command.commands.values():
            _with_shared_options(below)
    return command


def _laid_out(text: str) -> str:
    """Paragraphs are wrapped to the terminal, except examples (the mark \\b keeps their lines)."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(f"\b\n{part}" if part.lstrip().startswith("Example") else part for part in paragraphs)


app = typer.Typer(
    cls=LateGroup,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"max_content_width": 100},
)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"taktas {version('taktas')}\n")
        raise typer.Exit


@app.callback()
def taktas(
    version: bool = typer.Option(
        False, "--version", is_eager=True, callback=_say_version, help="Print the version and stop."
    ),
) -> None:
    """Work of an insurance broker: from a list of policies to tasks in the right hands.

    Example: taktas demo
    """


def command_tree() -> Any:
    """The whole of `taktas` as one group; nothing below the first level is loaded yet."""
    return _with_shared_options(get_group(app))


def run(arguments: Sequence[str]) -> int:
    """Run one command in this process. Returns the exit code: 0 done, 1 refused, 2 wrong usage."""
    with restored():
        return guarded(command_tree(), list(arguments))


def main() -> None:
    """The entry of the installed program."""
    gc.set_threshold(50_000, 20, 20)  # looking for garbage while modules are loaded costs a tenth of a short command
    sys.exit(run(sys.argv[1:]))
