"""Every command with hostile words at every place: answered with a sentence and a code, never with a traceback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.app import command_tree, run

Office = Any

EVERYTHING = bool(os.environ.get("TAKTAS_TEST_ALL_WORDS"))
"""Every word at every place; otherwise each place gets one, so that each word is met somewhere."""
NEVER = {"demo", "up", "deploy", "db restore", "db stop"}
"""What builds a house, keeps running, or takes the house away under the others."""
WORDS = (
    "9" * 30,
    "-1",
    "0",
    "a\u202eb",
    "a\0b",
    "\udc80",
    "",
    " ",
    "..",
    "\U0001f4a5" * 40,
    "'; DROP TABLE tasks; --",
    "{policyholder.name} {{ 7*7 }} %s %(x)s",
    "NaN",
    "1e400",
    "0000-00-00",
    "9999-12-31T23:59",
    "0001-01-01",
    "term:#99999999999999999999999",
    "case:-1",
    "client:" + "x" * 5_000,
    "=cmd|' /C calc'!A0",
    "--help me",
    "/dev/null/x",
    "/",
    "\u200b",
)
USUAL = {"MOMENT": "2026-03-02T12:00", "KIND": "clients", "PROCESS": "renewal", "DATE": "2026-03-02"}


def _leaves(command: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from _leaves(command.get_command(None, name), (*names, name))
    elif " ".join(names) not in NEVER and names[0] not in NEVER:
        yield names, command


LEAVES = {" ".join(names): command for names, command in _leaves(command_tree())}


def _usual(parameter: Any) -> str:
    """Something that is not wrong in itself."""
    metavar = (parameter.metavar or "").strip("[]")
    return USUAL.get(metavar, "1")


def _places(command: Any) -> list[Any]:
    return [each for each in command.params if not getattr(each, "is_flag", False) and each.name != "house"]


def _typed(command: Any, place: Any, word: str) -> list[str]:
    """The words after the command: that one at its place, something usual wherever else something is needed."""
    words = []
    for each in command.params:
        value = word if each is place else _usual(each)
        is_positional = each.param_type_name == "argument"
        if is_positional and (each.required or each is place):
            words.append(value)
        elif not is_positional and (each.required or each is place):
            words += [max(each.opts, key=len), value]
    return words


@pytest.fixture
def told(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A house with a task and a case in it, and somebody at the keyboard."""
    office.publish(as_of="2026-02-01")
    office.policies("P-1,1,2025-04-01,2026-04-01", as_of="2026-02-02")
    office.cli("run", "renewal", "--workers", "1", "--as-of", "2026-03-02T06:00")
    monkeypatch.setenv("TAKTAS_USER", "ona")
    monkeypatch.chdir(office.folder)
    return office


def test_hostile_words_are_answered_in_a_sentence(told: Office) -> None:
    """Numbers of thirty digits, lone surrogates, right-to-left marks, folders as files, whatever is typed."""
    places = [(name, command, place) for name, command in LEAVES.items() for place in _places(command)]
    wrong = []
    for turn, (name, command, place) in enumerate(places):
        for word in WORDS if EVERYTHING else (WORDS[turn % len(WORDS)],):
            typed = [*name.split(), *_typed(command, place, word)]
            code = run(typed)
            said = told.capsys.readouterr()
            if code not in {0, 1, 2} or "Traceback" in said.err or "went wrong" in said.err:
                wrong.append((typed, code, said.err[-300:]))

    assert wrong == []


def test_what_is_not_there_is_named(told: Office) -> None:
    """With what could be."""
    wanted = {
        "import clients /": "/ is a folder, not a file. Name a file that ends in .csv or .xlsx.",
        "import clients none.csv": "none.csv does not exist. Name a file that ends in .csv or .xlsx.",
        "standards check none": "There is no folder none. Name the folder that holds ",
        f"tasks show {'9' * 30}": "There is no task ",
        f"cases show {'9' * 30}": "There is no case ",
        "tasks show a\0b": "A word of the command holds a character that no text has (NUL). Type it again.",
    }

    said = {words: told.cli(*words.split(" "), fails=True).err for words in wanted}

    assert {words: err[: len(wanted[words])] for words, err in said.items()} == wanted


def test_a_data_directory_nobody_may_write_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where a file stands in its place, nobody can write, not even the superuser."""
    from core.settings import settings
    from models import database

    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.delenv("TAKTAS_DATABASE_URL")
    monkeypatch.setenv("TAKTAS_DATA_DIR", str(tmp_path / "file" / "data"))
    settings.cache_clear()
    database.forget_engine()

    code = run(["tasks", "list"])

    told = capsys.readouterr()
    settings.cache_clear()
    database.forget_engine()
    assert code == 1
    assert str(tmp_path / "file") in told.err
    assert "Traceback" not in told.err
    assert "went wrong" not in told.err


@pytest.mark.parametrize("place", ["127.0.0.1:1", "[::1]:1", "nowhere.invalid:5432"])
def test_a_port_nobody_listens_on_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Of the database."""
    from core.settings import settings
    from models import database

    monkeypatch.setenv("TAKTAS_DATABASE_URL", f"postgresql://nobody@{place}/none")
    settings.cache_clear()
    database.forget_engine()

    code = run(["tasks", "list"])

    told = capsys.readouterr()
    settings.cache_clear()
    database.forget_engine()
    assert code == 1
    assert told.err.startswith("Cannot reach the database at ")
    assert "went wrong" not in told.err
