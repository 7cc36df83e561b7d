"""`taktas config`: every setting, its value and where it comes from; secrets stay hidden."""

from __future__ import annotations

import os
from typing import Any

import typer

from cli.choices import choices
from cli.output import Column, show

group = typer.Typer()
HIDDEN = "********"


@group.command("config")
def config() -> None:
    """List every setting, its value and where it comes from.

    Each is an environment variable; what is not set has a default that works. Secrets are hidden.

    Example: taktas config
    """
    columns = [
        Column("name", "Setting"),
        Column("value", "Value"),
        Column("source", "From"),
        Column("what", "What it is"),
    ]
    show(listed(), columns, empty="There are no settings.")


def listed() -> list[dict[str, Any]]:
    """One row per setting, in the order in which they are declared."""
    from core.settings import PREFIX, described, settings

    rows = []
    for name, what in described().items():
        variable = PREFIX + name.upper()
        value = getattr(settings(), name)
        rows.append(
            {
                "name": variable,
                "value": _shown(name, value),
                "source": _source(variable),
                "what": what,
            }
        )
    return rows


def _source(variable: str) -> str:
    if variable in choices().changed:
        return "this command"
    return "environment" if variable in {name.upper() for name in os.environ} else "default"


def _shown(name: str, value: object) -> object:
    """The value; of a secret only that there is one, of an address everything but its password."""
    if value is None:
        return None
    if type(value).__name__ == "Secret":
        return HIDDEN
    if name == "database_url":
        return _without_password(str(value))
    return str(value) if not isinstance(value, int) else value


def _without_password(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError:
        return HIDDEN
    if "password" in parsed.query:
        parsed = parsed.update_query_dict({"password": HIDDEN})
    return parsed.render_as_string(hide_password=True)
