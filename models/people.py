"""Who works here: organisations, teams, employees, their absences and what an hour of theirs costs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Numeric, Table, UniqueConstraint
from sqlalchemy import text as sql

from models.columns import identity, link, metadata, moment, money, not_before, text

organisations = Table(
    "organisations",
    metadata,
    identity(),
    text("code", unique=True),
    text("name"),
    text("kind"),  # house | sub_agent
    link("parent_id", "organisations", nullable=True),
)

teams = Table(
    "teams",
    metadata,
    identity(),
    link("organisation_id", "organisations"),
    text("code", unique=True),
    text("name"),
    link("calendar_id", "calendars", nullable=True),
    Column("turn", Integer, nullable=False, server_default=sql("0")),  # how many tasks were dealt by turn so far
)

employees = Table(
    "employees",
    metadata,
    identity(),
    link("organisation_id", "organisations"),
    link("team_id", "teams", nullable=True, index=True),
    text("login", unique=True),
    text("name"),
    text("sort_key"),
    text("email", nullable=True),
    text("language", server_default="en"),
    text("zone", nullable=True),
    link("calendar_id", "calendars", nullable=True),
    Column("weekly_hours", Numeric(5, 2), nullable=False, server_default=sql("40")),  # capacity for load
    link("substitute_id", "employees", nullable=True),
    link("manager_id", "employees", nullable=True),
    Column("is_manager", Boolean, nullable=False, server_default=sql("false")),  # sees the whole house
    Column("joined_on", Date),
    Column("left_on", Date),
    not_before("joined_on", "left_on"),
)

memberships = Table(
    "memberships",
    metadata,
    identity(),
    link("employee_id", "employees", index=True),
    link("team_id", "teams"),
    Column("since", Date, nullable=False),
    Column("until", Date),
    not_before("since", "until"),
)

absences = Table(
    "absences",
    metadata,
    identity(),
    link("employee_id", "employees"),
    moment("starts_at", nullable=False),
    moment("ends_at", nullable=False),
    text("kind"),  # holiday | sickness | training | parental | other
    link("substitute_id", "employees", nullable=True),
    UniqueConstraint("employee_id", "starts_at"),
    not_before("starts_at", "ends_at"),
)
Index("ix_absences_ends_at", absences.c.ends_at)

cost_rates = Table(
    "cost_rates",
    metadata,
    identity(),
    link("employee_id", "employees"),
    Column("since", Date, nullable=False),
    money("hourly", nullable=False),
    text("currency"),
    UniqueConstraint("employee_id", "since"),
)
