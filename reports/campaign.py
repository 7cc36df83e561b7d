"""What came of a campaign: how far each name on its list got, and whether more people asked than before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, or_, select

from core.clock import start_of, zone
from core.errors import TaktasError, did_you_mean
from models.campaigns import campaign_members, campaigns
from models.contacts import InteractionKind, interactions
from models.contracts import quotes
from models.outbox import MessageState, messages
from models.work import cases, resolutions, task_items, tasks
from reports.sheet import Column, Kind, Report, Sheet, with_rates

STAGES = ("listed", "contacted", "reached", "interested", "offered", "sold")
UNREACHED = ("no_answer", "not_reached", "unreachable", "voicemail", "wrong_number", "busy")
"""Outcomes of a call after which nobody was spoken to; every other outcome means that somebody was."""
INTERESTED = "interested"
OFFER = "offer"
REQUESTS = (InteractionKind.ENQUIRY, InteractionKind.SERVICE_REQUEST, InteractionKind.REFERRAL)
ONE_DAY = timedelta(days=1)

_RATES = tuple(
    Column(key=f"{stage}_rate", heading=stage.capitalize(), kind=Kind.RATE, of=(stage, "listed"))
    for stage in STAGES[1:]
)


class UnknownCampaign(TaktasError):
    """There is no campaign of that code."""


def campaign_report(db: Connection, as_of: datetime, *, zone_name: str, code: str | None = None) -> Report:
    """One row for each campaign that had begun by then, or of the one named. Raises: UnknownCampaign."""
    chosen = _chosen(db, as_of, zone_name, code)
    rows, columns = [], _columns()
    for campaign in chosen:
        counted = _stages(db, campaign.id, as_of)
        asked_for = _requests(db, campaign, as_of, zone_name)
        facts: dict[str, Any] = {column.key: None for column in columns}
        facts |= {"campaign": campaign.code, "campaign_name": campaign.name, "starts_on": campaign.starts_on}
        rows.append(with_rates(facts | {"ends_on": campaign.ends_on} | counted | asked_for, _RATES))
    sheet = Sheet(name="figures", title="", columns=columns, rows=tuple(rows), notes=NOTES)
    return Report(
        asked={"as_of": as_of, "campaign": code, "requests": [kind.value for kind in REQUESTS]}, sheets=(sheet,)
    )


NOTES = (
    "Every stage counts whoever got at least so far, of those listed, with its 95 % interval.",
    "Requests a day: enquiries, service requests and referrals that came in,",
    "on its days that are over and on as many days before it.",
)


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="campaign", kind=Kind.TEXT, on_screen=False),
        Column(key="campaign_name", heading="Campaign", kind=Kind.TEXT),
        Column(key="starts_on", heading="Begins", kind=Kind.DAY, on_screen=False),
        Column(key="ends_on", heading="Ends", kind=Kind.DAY, on_screen=False),
        Column(key="listed", heading="Listed"),
        Column(key="removed", heading="Taken off", when_any=True),
        *(Column(key=stage, on_screen=False) for stage in STAGES[1:]),
        *_RATES,
        Column(key="days", on_screen=False),
        Column(key="requests_before", on_screen=False),
        Column(key="requests_since", on_screen=False),
        Column(key="a_day_before", heading="Requests a day before", kind=Kind.RATIO),
        Column(key="a_day_since", heading="since", kind=Kind.RATIO),
        Column(key="listed_requests_before", on_screen=False),
        Column(key="listed_requests_since", on_screen=False),
    )


def _chosen(db: Connection, as_of: datetime, zone_name: str, code: str | None) -> list[Any]:
    asked = select(campaigns).order_by(campaigns.c.starts_on, campaigns.c.code)
    if code is None:
        return list(db.execute(asked.where(campaigns.c.starts_on <= as_of.astimezone(zone(zone_name)).date())))
    found = db.execute(asked.where(campaigns.c.code == code)).all()
    if not found:
        known = list(db.scalars(select(campaigns.c.code)))
        those = f"The campaigns are {', '.join(sorted(known))}" if known else "There is none at all yet"
        hint = did_you_mean(code, known) or f". {those}."
        raise UnknownCampaign(f"There is no campaign {code!r}{hint}")
    return list(found)


def _stages(db: Connection, campaign_id: int, as_of: datetime) -> dict[str, int]:
    """How many got at least so far: whoever bought was offered, whoever was offered was interested, and so on."""
    member = _members(campaign_id, as_of)
    reached_by: list[ColumnElement[bool]] = []
    counts = [func.count().label("listed"), func.count().filter(member.c.is_removed).label("removed")]
    for stage in reversed(STAGES[1:]):
        reached_by.append(member.c[stage])
        counts.append(func.count().filter(or_(*reached_by)).label(stage))
    row = db.execute(select(*counts).select_from(member)).one()
    return {name: int(value) for name, value in row._mapping.items()}  # noqa: SLF001 - SQLAlchemy's public name for it


def _members(campaign_id: int, as_of: datetime) -> Subquery:
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
    return asked.where(its.campaign_id == campaign_id, its.listed_at <= as_of).subquery("member")


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


def _requests(db: Connection, campaign: Any, as_of: datetime, zone_name: str) -> dict[str, Any]:
    """Requests on its days that are over (at the longest until it ended), and on as many days before it."""
    last = min(as_of.astimezone(zone(zone_name)).date() - ONE_DAY, campaign.ends_on or date.max)
    days = (last - campaign.starts_on).days + 1
    if days < 1:
        return {"days": 0}
    first = campaign.starts_on - days * ONE_DAY
    members = select(campaign_members.c.party_id).where(campaign_members.c.campaign_id == campaign.id)
    is_listed = interactions.c.party_id.in_(members)
    began, ended = start_of(campaign.starts_on, zone_name), start_of(last + ONE_DAY, zone_name)
    is_before = interactions.c.at < began
    counted = select(
        func.count().filter(is_before).label("requests_before"),
        func.count().filter(~is_before).label("requests_since"),
        func.count().filter(is_before, is_listed).label("listed_requests_before"),
        func.count().filter(~is_before, is_listed).label("listed_requests_since"),
    ).where(
        interactions.c.direction == "in",
        interactions.c.kind.in_([kind.value for kind in REQUESTS]),
        interactions.c.at >= start_of(first, zone_name),
        interactions.c.at < ended,
    )
    told: dict[str, Any] = dict(db.execute(counted).mappings().one())
    told |= {"days": days, "a_day_before": told["requests_before"] / days}
    return told | {"a_day_since": told["requests_since"] / days}
