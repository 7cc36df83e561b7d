"""How far everybody on the list of a campaign got, counted in the database: by whose they are and of what kind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, or_, select

from models.campaigns import campaign_members, campaigns
from models.contacts import interactions
from models.contracts import product_lines, quotes
from models.outbox import MessageState, messages
from models.parties import parties
from models.work import cases, resolutions, task_items, tasks
from reports.assignment import Rows
from reports.efficiency_query import numbers
from reports.judging import dimensions, key
from reports.renewals_query import task_of_case
from reports.split import Split

STAGES = ("listed", "contacted", "reached", "interested", "offered", "sold")
UNREACHED = ("no_answer", "not_reached", "unreachable", "voicemail", "wrong_number", "busy")
"""Outcomes of a call after which nobody was spoken to; every other outcome means that somebody was."""
INTERESTED = "interested"
OFFER = "offer"


def stages_of(
    db: Connection, campaign_id: int, as_of: datetime, split: Split, zone_name: str
) -> list[tuple[tuple[Any, ...], dict[str, int]]]:
    """Group and how many of it got at least so far: whoever bought was offered, whoever was offered interested …

    One group of nothing where the list is not split.
    """
    member = _members(campaign_id, as_of, split)
    keys = [key(by, member, zone_name).label(by.value) for by in split.by]
    is_only = [key(by, member, zone_name).is_not_distinct_from(value) for by, value in split.only]
    reached_by: list[ColumnElement[bool]] = []
    counts = [func.count().label("listed"), func.count().filter(member.c.is_removed).label("removed")]
    for stage in reversed(STAGES[1:]):
        reached_by.append(member.c[stage])
        counts.append(func.count().filter(or_(*reached_by)).label(stage))
    asked = select(*keys, *counts).select_from(member).where(*is_only).group_by(*numbers(len(keys)))
    width, names = len(keys), [count.name for count in counts]
    return [
        (tuple(row[:width]), {name: int(value) for name, value in zip(names, row[width:], strict=True)})
        for row in db.execute(asked)
    ]


def _members(campaign_id: int, as_of: datetime, split: Split) -> Subquery:
    """Everybody ever listed, and what happened to them: one column for each stage, by itself."""
    its = campaign_members.c
    own = cases.alias("own")
    is_own = and_(own.c.subject_type == "campaign_member", own.c.subject_id == its.id)
    is_own = and_(is_own, func.coalesce(own.c.end_code, "") != "void")
    below = cases.alias("below")
    is_below = and_(below.c.parent_id == own.c.id, is_own, below.c.started_at <= as_of)
    done = _finished(as_of)
    of_own = and_(is_own, done.c.case_id == own.c.id)
    talked = func.coalesce(done.c.outcome, "").not_in(UNREACHED)
    since = and_(
        interactions.c.party_id == its.party_id, interactions.c.at >= its.listed_at, interactions.c.at <= as_of
    )
    mailed = and_(messages.c.case_id == own.c.id, is_own, messages.c.state == MessageState.SENT.value)
    offered = and_(is_below, done.c.case_id == below.c.id, done.c.action == OFFER)
    quoted = and_(is_below, quotes.c.case_id == below.c.id, quotes.c.stage.in_(["offered", "accepted", "refused"]))
    won = and_(is_own, own.c.is_success, own.c.ended_at <= as_of)
    stages = {
        "contacted": or_(_exists(of_own), _exists(mailed), _exists(and_(since, interactions.c.direction == "out"))),
        "reached": or_(_exists(and_(of_own, talked)), _exists(and_(since, interactions.c.direction == "in"))),
        "interested": or_(_exists(and_(of_own, done.c.outcome == INTERESTED)), _exists(is_below)),
        "offered": or_(_exists(offered), _exists(quoted), _exists(and_(of_own, done.c.action == OFFER))),
        "sold": _exists(won),
    }
    is_removed = func.coalesce(its.removed_at <= as_of, False).label("is_removed")
    asked = select(its.id, is_removed, *(what.label(name) for name, what in stages.items()))
    asked = asked.where(its.campaign_id == campaign_id, its.listed_at <= as_of)
    return (asked if split.is_whole and not split.by else _with_dimensions(asked, split)).subquery("member")


def _with_dimensions(asked: Rows, split: Split) -> Rows:
    """Whose they are and of what kind: by the last and the first task of their case.

    Whoever has no task yet is of the kind the client is now: left apart, they would make every rate look like a whole.
    """
    own = (
        select(func.max(cases.c.id).label("case_id"), cases.c.subject_id)
        .where(cases.c.subject_type == "campaign_member", func.coalesce(cases.c.end_code, "") != "void")
        .group_by(cases.c.subject_id)
        .subquery("own_case")
    )
    first, last = task_of_case(func.min).subquery("first"), task_of_case(func.max).subquery("last")
    first_task, last_task = tasks.alias("first_task"), tasks.alias("last_task")
    joined = (
        campaign_members.join(parties, parties.c.id == campaign_members.c.party_id)
        .join(campaigns, campaigns.c.id == campaign_members.c.campaign_id)
        .outerjoin(product_lines, product_lines.c.id == campaigns.c.product_line_id)
        .outerjoin(own, own.c.subject_id == campaign_members.c.id)
        .outerjoin(first, first.c.case_id == own.c.case_id)
        .outerjoin(first_task, first_task.c.id == first.c.task_id)
        .outerjoin(resolutions, resolutions.c.id == first_task.c.resolution_id)
        .outerjoin(last, last.c.case_id == own.c.case_id)
        .outerjoin(last_task, last_task.c.id == last.c.task_id)
    )
    now = {
        "client_kind": parties.c.kind,
        "client_tier": parties.c.tier,
        "client_standing": parties.c.standing,
        "channel": parties.c.channel,
        "product_line": product_lines.c.code,
        "campaign": campaigns.c.code,
    }
    told = asked.select_from(joined).add_columns(
        last_task.c.assignee_id.label("employee_id"),
        last_task.c.team_id,
        campaign_members.c.listed_at.label("began_at"),
        *(func.coalesce(column, now.get(column.name, ""), "").label(column.name) for column in dimensions()),
    )
    return told if split.employee_ids is None else told.where(last_task.c.assignee_id.in_(split.employee_ids))


def _exists(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(1).where(condition).correlate(campaign_members).exists()


def _finished(as_of: datetime) -> Subquery:
    """Done work with its case, alone or shared, its action and outcome."""
    outcome = func.coalesce(task_items.c.outcome, tasks.c.outcome)
    return (
        select(
            func.coalesce(tasks.c.case_id, task_items.c.case_id).label("case_id"),
            resolutions.c.action,
            outcome.label("outcome"),
        )
        .join_from(tasks, resolutions, resolutions.c.id == tasks.c.resolution_id)
        .outerjoin(task_items, task_items.c.task_id == tasks.c.id)
        .where(tasks.c.status == "done", tasks.c.finished_at <= as_of)
        .subquery("finished")
    )
