"""A house for the sample brokerage alone: emptied each time, and never anybody's own."""

from __future__ import annotations

from sqlalchemy import func, select, text

from core.errors import TaktasError
from core.settings import settings
from models import database
from models.parties import parties

DEMO = "demo"


class HouseNotForDemo(TaktasError):
    """The demo would write into a house in which somebody works."""


def check_house(name: str) -> None:
    """Only a house called demo (or demo_something) is emptied. Raises: HouseNotForDemo."""
    if name != DEMO and not name.startswith(f"{DEMO}_"):
        raise HouseNotForDemo(
            f"The demo empties its house before it builds it, so it will not touch {name!r}. "
            f"Leave --house and TAKTAS_HOUSE away, or use a house called {DEMO} or {DEMO}_something."
        )


def make_room() -> None:
    """An empty house of the settings: the embedded one is emptied, a database of one's own must be empty already.

    Raises: HouseNotForDemo, DatabaseUnreachable, DatabaseNotUsable, EmbeddedServerError, SchemaAhead.
    """
    if settings().database_url is None:
        check_house(settings().house)
        with database.explained(database.engine()), database.engine().begin() as db:
            db.execute(text("SET LOCAL lock_timeout = '20s'"))
            db.execute(text("DROP SCHEMA public CASCADE"))
            db.execute(text("CREATE SCHEMA public"))
    database.upgrade()
    with database.read() as db:
        clients = db.scalar(select(func.count()).select_from(parties)) or 0
    if clients:
        raise HouseNotForDemo(
            f"The database of TAKTAS_DATABASE_URL has {clients:,} clients already, and the demo needs an empty one. "
            "Leave TAKTAS_DATABASE_URL away, then the demo makes a house of its own."
        )
