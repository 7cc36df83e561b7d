"""Insurers and product lines into the book: from files of their own, or as a mapping declares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert

from intake.loading.cargo import Loading
from intake.loading.upserting import ORDER, Upsert, upsert
from models.contracts import insurers, product_lines


def declare_codes(loading: Loading) -> None:
    """Insurers and product lines a mapping declares are added where the book does not have them."""
    _declare(loading, "insurers", insurers, {code: {"name": name} for code, name in loading.insurers.items()})
    lines: dict[str, dict[str, Any]] = {code: {"labels": dict(of)} for code, of in loading.product_lines.items()}
    _declare(loading, "product lines", product_lines, lines)


def _declare(loading: Loading, name: str, table: Table, rows: Mapping[str, Mapping[str, Any]]) -> None:
    if not rows:
        return
    code: Column[str] = table.c.code
    known = set(loading.db.scalars(select(code).where(code.in_(list(rows)))))
    new = [{"code": code, **values} for code, values in rows.items() if code not in known]
    tally = loading.tally(name)
    tally.added, tally.unchanged = tally.added + len(new), tally.unchanged + len(known)
    if new and not loading.is_dry_run:
        loading.db.execute(insert(table).on_conflict_do_nothing(), new)


def load_insurers(loading: Loading) -> None:
    """A file of insurers."""
    loading.refuse_repeated(("insurer_code",), "insurer")
    staged = loading.staged
    columns = [staged.c[f"insurer_{name}"].label(name) for name in ("code", "name", "country", "collects_itself")]
    rows = select(*columns, staged.c.row.label(ORDER))
    defaults = {"collects_itself": False}
    upsert(
        loading,
        Upsert(name="insurers", table=insurers, rows=rows, key=("code",), prefix="insurer", defaults=defaults),
    )


def load_product_lines(loading: Loading) -> None:
    """A file of product lines."""
    loading.refuse_repeated(("product_line_code",), "product line")
    staged = loading.staged
    pairs = [
        part
        for language in ("en", "lt", "es")
        for part in (text(f"'{language}'"), staged.c[f"product_line_label_{language}"])
    ]
    labels = func.jsonb_strip_nulls(func.jsonb_build_object(*pairs))
    rows = select(staged.c.product_line_code.label("code"), labels.label("labels"), staged.c.row.label(ORDER))
    upsert(
        loading,
        Upsert(name="product lines", table=product_lines, rows=rows, key=("code",), prefix="product_line"),
    )
