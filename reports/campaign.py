"""What came of a campaign: how far each name on its list got, and whether more people asked than before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, func, select

from core.clock import start_of, zone
from core.errors import TaktasError, did_you_mean
from models.campaigns import campaign_members, campaigns
from models.contacts import InteractionKind, interactions
from reports.asking import whose
from reports.campaign_query import STAGES, stages_of
from reports.dimension import By
from reports.labels import label, labels
from reports.sheet import ALL, Column, Kind, Report, Sheet, with_rates
from reports.split import Split

REQUESTS = (InteractionKind.ENQUIRY, InteractionKind.SERVICE_REQUEST, InteractionKind.REFERRAL)
ONE_DAY = timedelta(days=1)

_RATES = tuple(
    Column(key=f"{stage}_rate", heading=stage.capitalize(), kind=Kind.RATE, of=(stage, "listed"))
    for stage in STAGES[1:]
)


class UnknownCampaign(TaktasError):
    """There is no campaign of that code."""


def campaign_report(
    db: Connection,
    as_of: datetime,
    *,
    zone_name: str,
    code: str | None = None,
    split: Split | None = None,
    language: str = "en",
) -> Report:
    """One row for each campaign that had begun by then, or of the one named; split, one for each group of its list.

    The person of somebody listed is whoever has or had the last task of their case, the dimensions are those of its
    first, their day is that on which they were listed. Raises: UnknownCampaign.
    """
    split = replace(split, by=tuple(by for by in split.by if by is not By.CAMPAIGN)) if split else Split()
    columns = (*_groups(split), *_columns(), *(_REQUESTS if split.is_whole and not split.by else ()))
    names = {by: labels(db, by, language) for by in split.by}
    rows: list[dict[str, Any]] = []
    for campaign in _chosen(db, as_of, zone_name, code):
        facts: dict[str, Any] = {column.key: None for column in columns}
        facts |= {"campaign": campaign.code, "campaign_name": campaign.name, "starts_on": campaign.starts_on}
        facts |= {"ends_on": campaign.ends_on} | _requests(db, campaign, as_of, zone_name)
        found = [
            facts | _named(split, key, names) | counts
            for key, counts in stages_of(db, campaign.id, as_of, split, zone_name)
        ]
        rows += sorted(found, key=lambda row: tuple(str(row[f"{by.value}_name"]) for by in split.by))
    sheet = Sheet(
        name="figures",
        title="",
        columns=columns,
        rows=tuple(with_rates(row, _RATES) for row in rows),
        total=_all_together(rows) if split.by and rows else None,
        notes=NOTES if split.by or not split.is_whole else (*NOTES, *NOTES_ON_REQUESTS),
    )
    return Report(asked=_asked(as_of, zone_name, code, split), sheets=(sheet,))


def _asked(as_of: datetime, zone_name: str, code: str | None, split: Split) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "zone": zone_name,
        "campaign": code,
        "by": [by.value for by in split.by],
        "only": split.only_words,
        "of": whose(split) or "the whole house",
        "requests": [kind.value for kind in REQUESTS],
    }


NOTES = ("Every stage counts whoever got at least so far, of those listed, with its 95 % interval.",)
NOTES_ON_REQUESTS = (
    "Requests a day: enquiries, service requests and referrals that came in,",
    "on its days that are over and on as many days before it.",
)


def _all_together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Whoever is on two lists counts in both."""
    sums = {name: sum(row[name] for row in rows) for name in (*STAGES, "removed")}
    return with_rates({"campaign_name": ALL} | sums, _RATES)


def _named(split: Split, key: tuple[Any, ...], names: Mapping[By, Mapping[Any, str]]) -> dict[str, Any]:
    told = dict[str, Any]()
    for by, value in zip(split.by, key, strict=True):
        told |= {by.value: value, f"{by.value}_name": label(by, value, names[by])}
    return told


def _groups(split: Split) -> tuple[Column, ...]:
    campaign = (
        Column(key="campaign", kind=Kind.TEXT, on_screen=False),
        Column(key="campaign_name", heading="Campaign", kind=Kind.TEXT),
    )
    pairs = (
        (Column(key=by.value, on_screen=False), Column(key=f"{by.value}_name", heading=by.heading, kind=Kind.TEXT))
        for by in split.by
    )
    return (*campaign, *chain.from_iterable(pairs))


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="starts_on", heading="Begins", kind=Kind.DAY, on_screen=False),
        Column(key="ends_on", heading="Ends", kind=Kind.DAY, on_screen=False),
        Column(key="listed", heading="Listed"),
        Column(key="removed", heading="Taken off", when_any=True),
        *(Column(key=stage, on_screen=False) for stage in STAGES[1:]),
        *_RATES,
    )


_REQUESTS = (
    Column(key="days", on_screen=False),
    Column(key="requests_before", on_screen=False),
    Column(key="requests_since", on_screen=False),
    Column(key="a_day_before", heading="Requests a day before", kind=Kind.RATIO),
    Column(key="a_day_since", heading="since", kind=Kind.RATIO),
    Column(key="listed_requests_before", on_screen=False),
    Column(key="listed_requests_since", on_screen=False),
)
"""Of the whole house: nobody's and no product's."""


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
