"""What the reader chose for this one command: house, person, language, and whether a machine reads the answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import typer
from typer.main import get_group

from core.errors import UsageError

LANGUAGES = ("en", "lt", "es")


@dataclass(slots=True)
class Choices:
    """Set while the command's words are read; `zone` and `language` are those of the reader, once known."""

    is_json: bool = False
    is_file: bool = False  # what goes to standard output is a file, in which no sentence belongs
    zone: str | None = None
    language: str | None = None
    changed: dict[str, str | None] = field(default_factory=dict)  # environment variable -> value before


_now = Choices()


def choices() -> Choices:
    """The choices of the command that is running."""
    return _now


@contextmanager
def restored() -> Iterator[None]:
    """One command's choices end with it: the next one in the same process begins with none."""
    global _now  # noqa: PLW0603 - a process runs one command at a time
    before, _now = _now, Choices()
    try:
        yield
    finally:
        for name, value in _now.changed.items():
            _put(name, value)
        _now = before


def _choose(name: str, value: str | None) -> None:
    """A choice made in words is a setting for this process and those it starts."""
    if value is not None:
        _now.changed.setdefault(name, os.environ.get(name))
        _put(name, value)


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
    if "core.settings" in sys.modules:
        sys.modules["core.settings"].settings.cache_clear()
    if "models.database" in sys.modules and name == "TAKTAS_HOUSE":
        sys.modules["models.database"].forget_engine()


def _choose_house(value: str | None) -> None:
    _choose("TAKTAS_HOUSE", value)


def _choose_user(value: str | None) -> None:
    _choose("TAKTAS_USER", value)


def _choose_language(value: str | None) -> None:
    if value is not None and value not in LANGUAGES:
        raise UsageError(f"There is no language {value!r} here. Use {', '.join(LANGUAGES[:-1])} or {LANGUAGES[-1]}.")
    _choose("TAKTAS_LANGUAGE", value)
    _now.language = value or _now.language


def _choose_json(value: bool) -> None:
    _now.is_json = value or _now.is_json


def _show_help(ctx: typer.Context, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        sys.stdout.write(f"{ctx.get_help()}\n")
        raise typer.Exit


def _option(
    *names: str, callback: Callable[..., None], what: str, metavar: str | None = None, is_eager: bool = False
) -> Any:
    default = False if metavar is None else None
    return typer.Option(
        default, *names, callback=callback, help=what, metavar=metavar, is_eager=is_eager, expose_value=False
    )


def _carrier(
    house: str | None = _option("--house", callback=_choose_house, metavar="NAME", what="Work in this house."),
    user: str | None = _option("--as", callback=_choose_user, metavar="LOGIN", what="Who you are: login or e-mail."),
    language: str | None = _option(
        "--language", callback=_choose_language, metavar="CODE", what="Language of titles: en, lt or es."
    ),
    as_json: bool = _option("--json", callback=_choose_json, what="Answer in JSON, for machines."),
    help: bool = _option("--help", "-h", callback=_show_help, what="Say what this does, and stop.", is_eager=True),  # noqa: A002 - what it is called
) -> None:
    """Only carries the options; never called."""


@cache
def shared_options() -> tuple[Any, ...]:
    """The options every command takes."""
    carrier = typer.Typer()
    carrier.callback()(_carrier)
    return tuple(get_group(carrier).params)
