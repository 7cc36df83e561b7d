"""The frame every command stands in: shared options, exit codes, and no traceback for anything a user can cause."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
import typer

from cli import app as frame
from cli.app import run
from cli.choices import choices
from cli.errors import explained
from cli.output import Column, say, show, show_one, table
from core.errors import TaktasError, UsageError
from core.settings import settings

ROOT = Path(__file__).parents[2]
TAKTAS = [sys.executable, "-c", "from cli.app import main; main()"]

Serve = Callable[[Callable[..., None]], None]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Make a function the command `taktas thing do`."""

    def make(function: Callable[..., None]) -> None:
        module = ModuleType("cli.thing_group")
        group, things = typer.Typer(), typer.Typer(help="Things.")
        group.add_typer(things, name="thing")
        things.command("do")(function)
        things.command("other")(lambda: None)
        module.__spec__ = ModuleSpec("cli.thing_group", None)
        module.group = group  # type: ignore[attr-defined]  # as the frame expects of a group file
        monkeypatch.setitem(sys.modules, "cli.thing_group", module)
        monkeypatch.setattr(frame, "COMMANDS", (("thing", "cli.thing_group", "Things."),))

    return make


def raises(error: BaseException) -> Callable[[], None]:
    """A command that fails in that way."""

    def do() -> None:
        """Fail.

        Example: taktas thing do
        """
        raise error

    return do


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TaktasError("It was refused. Do this instead."), 1, "It was refused. Do this instead."),
        (UsageError("There is no such day."), 2, "There is no such day."),
        (KeyboardInterrupt(), 130, "Stopped. What was not finished is not kept."),
        (typer.Abort(), 130, "Stopped. What was not finished is not kept."),
        (BrokenPipeError(), 141, ""),
        (MemoryError(), 1, "This machine has not enough memory for that. Ask for less at once."),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), 1, "Cannot use a.csv: No such file or directory."),
        (PermissionError(13, "Permission denied", "a.csv"), 1, "Cannot use a.csv: Permission denied."),
        (OSError(28, "No space left on device"), 1, "The disk is full. Make room and run the command again."),
        (OverflowError("date"), 2, "A date or number is too far away to count with. Choose a nearer one."),
        (
            UnicodeEncodeError("utf-8", "", 0, 1, "x"),
            2,
            "A word of the command is not valid text (UTF-8). Type it again.",
        ),
        (
            UnicodeDecodeError("utf-8", b"", 0, 1, "x"),
            1,
            "A file is not text in UTF-8. Save it as UTF-8 and try again.",
        ),
        (typer.Exit(3), 3, ""),
        (SystemExit(4), 4, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_way_of_failing_is_a_sentence_and_a_code(
    error: BaseException, code: int, said: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit codes: 1 refused, 2 wrong usage, 130 stopped, 141 the reader left."""
    serve(raises(error))

    assert run(["thing", "do"]) == code
    assert capsys.readouterr().err.strip() == said


def test_a_mistake_of_ours_is_one_line_and_a_file(serve: Serve, house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The traceback is kept for whoever mends it; the reader is told where."""
    settings()
    serve(raises(ZeroDivisionError("by zero")))

    code = run(["thing", "do"])

    (line,) = capsys.readouterr().err.splitlines()
    (log,) = (house.data_dir / "log").glob("errors-*.log")
    assert code == 1
    assert line == (f"Something in taktas itself went wrong (ZeroDivisionError: by zero). The details are in {log}.")
    assert "Traceback" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["thng"], "No such command 'thng'. Did you mean 'thing'?\nSee `taktas --help`."),
        (["thing", "doo"], "No such command 'doo'. Did you mean 'do'?\nSee `taktas thing --help`."),
        (
            ["thing", "do", "--jsn"],
            "No such option: --jsn (Possible options: --as, --json)\nSee `taktas thing do --help`.",
        ),
        (["thing", "do", "--house"], "Option '--house' requires an argument."),
        (["thing", "do", "--language", "xx"], "There is no language 'xx' here. Use en, lt or es."),
        (["thing", "do", "more"], "Got unexpected extra argument(s) (more)\nSee `taktas thing do --help`."),
    ],
)
def test_wrong_words_are_answered_with_the_right_ones(
    words: list[str], said: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, what is wrong, and where to look."""
    serve(raises(TaktasError("never reached")))

    assert run(words) == 2
    assert capsys.readouterr().err.strip() == said


@pytest.mark.parametrize("words", [[], ["thing"]])
def test_a_group_alone_shows_its_commands(words: list[str], serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as nothing was asked."""
    serve(raises(TaktasError("never reached")))

    assert run(words) == 2
    assert "Usage: taktas" in capsys.readouterr().err


def test_a_wrong_setting_is_named(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the variable and the reason."""
    monkeypatch.setenv("TAKTAS_WORKERS", "many")
    settings.cache_clear()
    serve(lambda: say(str(settings().workers)))

    assert run(["thing", "do"]) == 2
    assert capsys.readouterr().err == "The setting TAKTAS_WORKERS is 'many'. Write a whole number from 1 to 64.\n"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    "words", [["--house", "x", "thing", "do"], ["thing", "--house", "x", "do"], ["thing", "do", "--house", "x"]]
)
def test_shared_options_are_taken_anywhere(words: list[str], serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the command, after the group or at the end; and they end with the command."""
    serve(lambda: say(settings().house))

    code = run(words)

    assert code == 0
    assert capsys.readouterr().out == "x\n"
    assert "TAKTAS_HOUSE" not in os.environ
    assert settings().house == "house"


def test_json_is_the_only_thing_printed_for_machines(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """Sentences are silent; what was chosen ends with the command."""

    def do() -> None:
        say("Hello.")
        show(
            [{"id": 1, "name": "Ž\x1b[31m", "hidden": 2}], [Column("id", "No."), Column("name", "Name")], empty="None."
        )

    serve(do)

    run(["thing", "do", "--json"])
    told = json.loads(capsys.readouterr().out)
    run(["thing", "do"])
    shown = capsys.readouterr().out

    assert told == [{"id": 1, "name": "Ž\x1b[31m", "hidden": 2}]
    assert "Ž\\x1b[31m" in shown
    assert "Hello." in shown
    assert not choices().is_json


def test_no_digit_is_ever_cut_off() -> None:
    """A table that does not fit becomes wider than the terminal; only texts are wrapped."""
    columns = [Column("t", "Name"), *(Column(f"n{place}", "A number", is_number=True) for place in range(12))]
    numbers = [str(10**12 + place) for place in range(12)]

    told = table(columns, [["Some name that is long and may be wrapped anywhere", *numbers]])

    assert all(number in told for number in numbers)
    assert "wrapped" in told


@pytest.mark.parametrize(("wide", "kept"), [(80, "Ąžuolaitienė"), (60, "(54-74)"), (36, "65 %")])
def test_a_table_is_as_narrow_as_the_terminal_where_words_allow_it(
    wide: int, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are wrapped between words; if that is not enough, figures of several words too; a dumb terminal is one."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", str(wide))
    columns = [Column("who", "Employee"), Column("why", "Why late"), Column("rate", "On time", is_number=True)]
    why = "still open 15, no reason given 4, too much work 2, something else 6"

    told = table(columns, [["Eglė Ąžuolaitienė", why, "54/83 65 % (54-74)"]])

    assert max(map(len, told.splitlines())) <= wide
    assert kept in told
    assert "54/83" in told


def test_a_table_no_terminal_can_hold_is_wider_than_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the terminal says it can do nothing: no letter is cut off."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "20")

    told = table([Column("a", "One", is_whole=True), Column("b", "Two", is_whole=True)], [["x" * 30, "y" * 30]])

    assert "x" * 30 in told
    assert "y" * 30 in told


def test_one_thing_is_shown_by_its_labels(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """Facts without a value are left out."""
    serve(lambda: show_one({"a": 1, "b": None, "c": [1, 2]}, {"a": "First", "b": "Second", "c": "Third"}))

    run(["thing", "do"])

    assert capsys.readouterr().out == "First   1\nThird   1, 2\n"


def test_an_empty_list_says_so(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """In words for people, as an empty list for machines."""
    serve(lambda: show([], [Column("id", "No.")], empty="Nothing to do."))

    run(["thing", "do"])
    run(["thing", "do", "--json"])

    assert capsys.readouterr().out == "Nothing to do.\n[]\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["7", "--file", "a/b", "--many", "x", "--many", "y"], 0, "7 a/b ['x', 'y'] 3\n"),
        (["7", "--least", "5"], 0, "7 None None 5\n"),
        (["seven"], 2, "Invalid value for 'number': a number is wanted, such as 12.\n"),
        (["9" * 5000], 2, "Invalid value for 'number': "),
        (["7", "--least", "0"], 2, "Invalid value for '--least': it must be at least 1.\n"),
        ([], 2, "Missing argument 'number'."),
    ],
)
def test_words_become_values_or_are_refused(
    words: list[str], code: int, said: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers, paths, lists and limits, with or without the library that checks them."""

    def do(
        number: int,
        file: Annotated[Path | None, typer.Option()] = None,
        many: Annotated[list[str] | None, typer.Option()] = None,
        least: Annotated[int, typer.Option(min=1)] = 3,
    ) -> None:
        say(f"{number} {file} {many} {least}")

    serve(do)

    assert run(["thing", "do", *words]) == code
    told = capsys.readouterr()
    assert (told.out or told.err).startswith(said)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`taktas --version`."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("taktas ")


def test_a_reader_who_leaves_ends_it_quietly() -> None:
    """`taktas config | head -1`: one line, no complaint."""
    asked = f"{sys.executable} -c 'from cli.app import main; main()' config | head -1"

    told = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, cwd=ROOT, check=True)

    assert told.stdout.startswith("Setting")
    assert told.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_under_the_output_is_a_sentence() -> None:
    """Also when only the last flush fails."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        told = subprocess.run(
            [*TAKTAS, "config"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False
        )

    assert told.returncode == 1
    assert told.stderr == "The disk is full. Make room and run the command again.\n"


def test_a_terminal_that_knows_no_letters_gets_their_numbers() -> None:
    """An ASCII terminal shows `\\u017d` instead of failing."""
    program = textwrap.dedent(
        """
        from cli.errors import _write_anything
        from cli.output import say
        _write_anything()
        say("\\u017dalias")
        """
    )

    told = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True,
        check=True, cwd=ROOT,
    )  # fmt: skip

    assert told.stdout == "\\u017dalias\n"


def test_a_database_that_is_not_there_is_a_sentence() -> None:
    """With its address and without the password."""
    told = subprocess.run(
        [*TAKTAS, "send"],
        env=os.environ | {"TAKTAS_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert told.returncode == 1
    assert told.stderr.startswith("Cannot reach the database at 127.0.0.1:1/x; is it running?")
    assert "secret" not in told.stderr
    assert "Traceback" not in told.stderr


def test_errors_of_the_database_are_sentences() -> None:
    """A full disk under the database, for example."""
    from sqlalchemy.exc import OperationalError

    code, said = explained(OperationalError("INSERT", {}, Exception("could not extend file: No space left")))

    assert code == 1
    assert said == (
        "The database did not do it: could not extend file: No space left. "
        "Nothing was kept; mend the cause and run the command again."
    )


@pytest.mark.parametrize("words", [["--help"], ["report", "--help"], ["report", "efficiency", "--help"], ["--version"]])
def test_help_loads_no_database_and_no_heavy_library(words: list[str]) -> None:
    """Nothing but what it says is needed to say it."""
    program = (
        "import sys\nfrom cli.app import run\n"
        f"run({words!r})\n"
        "heavy = {'sqlalchemy', 'psycopg2', 'pydantic', 'prefect', 'pandas', 'rich', 'jinja2', 'numpy'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert told.stdout.splitlines()[-1] == "LOADED []"
