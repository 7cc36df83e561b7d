"""Many rows given to one statement: arrays of the same length, read by PostgreSQL as a table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, cast, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def listed(name: str, **kinds: TypeEngine[Any]) -> TableValuedAlias:
    """A table of that name with these columns; the statement takes a list for each, as `<name>_<column>`."""
    given = [cast(bindparam(f"{name}_{each}", type_=ARRAY(kind)), ARRAY(kind)) for each, kind in kinds.items()]
    columns = [column(each, kind) for each, kind in kinds.items()]
    return func.unnest(*given).table_valued(*columns).render_derived(name=name)
