"""The engine, its transactions and what it says when there is no database."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InternalError

from models import database
from models.database import DatabaseNotUsable, DatabaseUnreachable, begin, check_version, new_engine, read


def test_what_a_transaction_did_is_kept_when_its_block_ends(fresh_engine: Engine) -> None:
    """begin() commits at its end, once."""
    with begin() as db:
        db.execute(text("CREATE TABLE kept (n int)"))
        db.execute(text("INSERT INTO kept VALUES (1)"))

    with fresh_engine.connect() as other:
        assert other.scalar(text("SELECT n FROM kept")) == 1


def test_what_a_transaction_did_is_taken_back_when_its_block_fails(fresh_engine: Engine) -> None:
    """begin() rolls back on any exception, and lets it through."""

    with pytest.raises(ZeroDivisionError), begin() as db:
        db.execute(text("CREATE TABLE lost (n int)"))
        raise ZeroDivisionError

    with fresh_engine.connect() as other:
        assert other.scalar(text("SELECT to_regclass('lost')")) is None


@pytest.mark.usefixtures("fresh_engine")
def test_a_reader_sees_one_moment_only() -> None:
    """read() is a snapshot: what others commit meanwhile is not seen."""
    with begin() as db:
        db.execute(text("CREATE TABLE seen (n int)"))

    with read() as reader:
        before = reader.scalar(text("SELECT count(*) FROM seen"))
        with begin() as writer:
            writer.execute(text("INSERT INTO seen VALUES (1)"))
        after = reader.scalar(text("SELECT count(*) FROM seen"))

    assert (before, after) == (0, 0)


@pytest.mark.usefixtures("fresh_engine")
def test_a_reader_cannot_write() -> None:
    """read() is a READ ONLY transaction, whoever writes the statement."""
    with pytest.raises(InternalError, match="read-only transaction"), read() as db:
        db.execute(text("CREATE TABLE forbidden (n int)"))


@pytest.mark.usefixtures("fresh_engine")
def test_a_connection_that_read_can_write_again() -> None:
    """READ ONLY does not stick to the pooled connection."""
    with read() as db:
        db.execute(text("SELECT 1"))

    with begin() as db:
        found = db.execute(text("SELECT current_setting('transaction_read_only'), pg_backend_pid()")).one()

    assert found[0] == "off"


def test_moments_come_back_in_utc(db: Connection) -> None:
    """Whatever zone the server or PGTZ prefers, the session's is UTC."""
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    found = db.scalar(text("SELECT CAST(:at AS timestamptz)"), {"at": noon})

    assert (found, found.utcoffset().total_seconds()) == (noon, 0)
