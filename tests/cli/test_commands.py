"""Every command there is: found, helped, shown by an example, and described in the manual."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from cli.app import COMMANDS, command_tree, run
from core.settings import described
from reports.dimension import By

MANUAL = Path(__file__).parents[2] / "docs" / "commands.md"
FOR_EVERY_COMMAND = {"--house", "--as", "--language", "--json", "--help"}


def commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The command, or all below it, each with its words."""
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from commands(below, (*path, name))
    else:
        yield path, command


ALL = [found for name, _, _ in COMMANDS for found in commands(command_tree().get_command(None, name), (name,))]


@pytest.mark.parametrize(("name", "sentence"), [(name, sentence) for name, _, sentence in COMMANDS])
def test_every_command_is_there_and_said_in_the_same_words(name: str, sentence: str) -> None:
    """The list in `taktas --help` is written by hand, so that nothing is loaded: it must say what the command says."""
    command = command_tree().get_command(None, name)

    assert (command.help or "").replace("\b\n", "").splitlines()[0].rstrip(".") == sentence.rstrip(".")


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_help_with_an_example(
    path: tuple[str, ...], command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """An example that begins with the command itself; every option says what it does."""
    code = run([*path, "--help"])

    told = capsys.readouterr().out
    assert code == 0
    assert "Example" in told
    assert f"taktas {' '.join(path)}" in told.partition("Example")[2]
    assert all(option.help for option in command.params)


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=[" ".join(path) for path, _ in ALL])
def test_every_command_is_in_the_manual(path: tuple[str, ...]) -> None:
    """docs/commands.md describes it."""
    assert f"`taktas {' '.join(path)}" in MANUAL.read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_option_of_a_command_is_in_the_manual(path: tuple[str, ...], command: Any) -> None:
    """In one row of its own, and none that is not there; those of every command stand by themselves."""
    said = [max(option.opts, key=len) for option in command.params if option.param_type_name == "option"]
    own = [name for name in said if name not in FOR_EVERY_COMMAND]
    row = f"| `{' '.join(path)}` | "

    told = [line for line in MANUAL.read_text(encoding="utf-8").splitlines() if line.startswith(row)]

    assert told == ([row + ", ".join(f"`{name}`" for name in own) + " |"] if own else [])


def test_the_manual_names_no_command_that_is_not_there() -> None:
    """Every row of its tables."""
    rows = re.findall(r"^\| `taktas ([a-z ]+)", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(row.strip() for row in rows) == sorted(" ".join(path) for path, _ in ALL)


@pytest.mark.parametrize(("name", "what"), described().items())
def test_every_setting_is_in_the_manual(name: str, what: str) -> None:
    """In the words of `taktas config`."""
    assert f"| `TAKTAS_{name.upper()}` | {what} |" in MANUAL.read_text(encoding="utf-8")


@pytest.mark.parametrize("by", By)
def test_every_way_of_splitting_a_report_is_in_the_manual(by: By) -> None:
    """As it is typed."""
    assert f"`{by.value}`" in MANUAL.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=[" ".join(path) for path, _ in ALL])
def test_every_command_refuses_an_unknown_option(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    assert run([*path, "--no-such-option"]) == 2
    assert "--no-such-option" in capsys.readouterr().err
