"""Published definitions: processes, the book of standards, letters and calendars, each version frozen with its hash."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, Table, UniqueConstraint

from models.columns import Json, identity, link, metadata, moment, text

processes = Table("processes", metadata, identity(), text("name", unique=True), text("subject"))

process_versions = Table(
    "process_versions",
    metadata,
    identity(),
    link("process_id", "processes"),
    Column("version", Integer, nullable=False),
    text("content_hash"),
    text("source"),  # the YAML as it was published
    Column("titles", Json),  # what its steps are called, so that a list of work need not read the YAML
    moment("published_at", nullable=False),
    link("published_by", "employees", nullable=True),
    moment("starts_from"),  # subjects whose start moment lies before are never started unasked
    UniqueConstraint("process_id", "version"),
    UniqueConstraint("process_id", "content_hash"),
)

standard_books = Table(
    "standard_books",
    metadata,
    identity(),
    Column("version", Integer, nullable=False, unique=True),
    text("content_hash", unique=True),
    Column("sources", Json, nullable=False),  # file name -> YAML text
    moment("published_at", nullable=False),
    link("published_by", "employees", nullable=True),
)

letter_versions = Table(
    "letter_versions",
    metadata,
    identity(),
    text("name"),
    text("language"),
    Column("version", Integer, nullable=False),
    text("content_hash"),
    text("letter_class"),  # service | marketing
    text("subject"),
    text("body_text"),
    text("body_html", nullable=True),
    moment("published_at", nullable=False),
    link("published_by", "employees", nullable=True),
    UniqueConstraint("name", "language", "version"),
    UniqueConstraint("name", "language", "content_hash"),
)

calendars = Table(
    "calendars",
    metadata,
    identity(),
    text("code", unique=True),  # house | team:sales | employee:jonas
    link("parent_id", "calendars", nullable=True),
    text("zone", nullable=True),
)

calendar_versions = Table(
    "calendar_versions",
    metadata,
    identity(),
    link("calendar_id", "calendars"),
    Column("version", Integer, nullable=False),
    text("content_hash"),
    Column("definition", Json, nullable=False),
    Column(
        "resolved", Json, nullable=False
    ),  # the open intervals of each day, so that a package update changes nothing
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    moment("published_at", nullable=False),
    link("published_by", "employees", nullable=True),
    UniqueConstraint("calendar_id", "version"),
)
