"""Clients into the book: who they are, where they can be reached, who looks after them, what they agreed to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, any_, case, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from intake.loading.care import load_consents, load_responsibilities
from intake.loading.cargo import Loading, Rows
from intake.loading.happening_reports import Changed, report_changes
from intake.loading.upserting import ORDER, Default, Upsert, upsert
from models.contracts import Placed
from models.parties import Responsibility, Standing, contact_points, parties
from models.people import employees

CHANNELS = {"client_email": "email", "client_phone": "phone", "client_address": "post"}
PARTY_COLUMNS = (
    *("kind", "name", "given_name", "family_name", "sort_key", "identity_number", "birth_date", "language", "country"),
    *("region", "tier", "standing", "channel", "blacklisted_at", "blacklist_reason"),
)


def check_clients(loading: Loading) -> None:
    """Rows whose client cannot be: nobody of that name looks after them, or nothing tells who they are."""
    for role in Responsibility:
        refuse_unknown_employee(loading, f"client_{role}")
    staged = loading.staged
    described = (
        select(staged.c.client_number).where(staged.c.client_name.is_not(None), staged.c.client_kind.is_not(None))
    ).scalar_subquery()
    is_unknown = ~exists(select(1).where(parties.c.number == staged.c.client_number))
    loading.refuse_where(
        and_(staged.c.client_number.is_not(None), is_unknown, staged.c.client_number.not_in(described)),
        "client_number",
        "the client is new, so client.name and client.kind are needed",
    )
    _warn_of_other_names(loading)
    is_undated = and_(staged.c.client_blacklist_reason.is_not(None), staged.c.client_blacklisted_at.is_(None))
    is_listed = exists(
        select(1).where(parties.c.number == staged.c.client_number, parties.c.blacklisted_at.is_not(None))
    )
    reason = "a reason without a date; bring client.blacklisted_at"
    loading.refuse_where(and_(is_undated, ~is_listed), "client_blacklist_reason", reason)
    loading.refuse_where(staged.c.client_birth_date > loading.today, "client_birth_date", "the date lies in the future")


def _warn_of_other_names(loading: Loading) -> None:
    """One number and several names: the first is kept, and somebody should look."""
    staged = loading.staged
    number, row = staged.c.client_number, staged.c.row
    first = func.first_value(staged.c.client_name).over(partition_by=number, order_by=row)
    first_row = func.first_value(row).over(partition_by=number, order_by=row)
    named = (
        select(row, staged.c.client_name.label("name"), first.label("first"), first_row.label("first_row"))
        .where(number.is_not(None), staged.c.client_name.is_not(None))
        .subquery("named")
    )
    others = select(named.c.row, named.c.first_row).where(named.c.name != named.c.first).order_by(named.c.row)
    for row, before in loading.db.execute(others):
        reason = f"the client has another name in row {before}, which is kept"
        loading.problems.warn(row, loading.heading("client_name"), reason)


def refuse_unknown_employee(loading: Loading, staged: str) -> None:
    """Rows that name a colleague who is not known. Not for the file of employees itself."""
    loading.refuse_unknown(staged, employees.c.login, "employee with the login", "Import employees first.")


def load_client_file(loading: Loading) -> None:
    """A file of clients."""
    loading.refuse_repeated(("client_number",), "client")
    check_clients(loading)
    load_clients(loading)


def load_clients(loading: Loading, *, standing: Default = Standing.NEW.value, are_leads: bool = False) -> None:
    """Everything the staged rows say about clients; `standing`: of new ones where the file says nothing.

    Somebody new of whom the file itself says so is a lead; with `are_leads` everybody new who is not called otherwise.
    """
    news = _news(loading, are_leads=are_leads)
    upsert(
        loading,
        Upsert(
            name="clients",
            table=parties,
            rows=_clients(loading),
            key=("number",),
            prefix="client",
            defaults={
                "language": loading.language,
                "tier": "standard",
                "standing": standing,
                "created_at": loading.at,
            },
        ),
    )
    for staged, channel in CHANNELS.items():
        _load_addresses(loading, staged, channel)
    load_responsibilities(loading)
    load_consents(loading)
    report_changes(loading, [change for kind, numbers in news.items() for change in _befell(loading, kind, numbers)])


def _news(loading: Loading, *, are_leads: bool) -> dict[str, list[str]]:
    """Kind of happening -> the numbers of the clients it is about to befall."""
    if loading.is_dry_run:
        return {}
    staged = loading.staged
    is_blacklisted = and_(staged.c.client_blacklisted_at.is_not(None), parties.c.blacklisted_at.is_(None))
    said = func.coalesce(staged.c.client_standing, Standing.NEW.value if are_leads else "")
    is_lead = and_(parties.c.id.is_(None), said == Standing.NEW.value)
    return {
        kind: list(
            loading.db.scalars(
                select(staged.c.client_number)
                .distinct()
                .select_from(staged.outerjoin(parties, parties.c.number == staged.c.client_number))
                .where(staged.c.client_number.is_not(None), condition)
            )
        )
        for kind, condition in (("lead.created", is_lead), ("client.blacklisted", is_blacklisted))
    }


def _befell(loading: Loading, kind: str, numbers: list[str]) -> list[Changed]:
    query = select(parties.c.id).where(parties.c.number == any_(literal(numbers))).order_by(parties.c.id)
    found = loading.db.scalars(query) if numbers else ()
    return [Changed(kind=kind, subject_type="client", subject_id=number) for number in found]


def _clients(loading: Loading) -> Rows:
    """One row per client: the first that tells the name."""
    staged = loading.staged
    columns = [staged.c[f"client_{name}"].label(name) for name in PARTY_COLUMNS]
    return (
        select(staged.c.client_number.label("number"), *columns, staged.c.row.label(ORDER))
        .where(staged.c.client_number.is_not(None))
        .ext(distinct_on(staged.c.client_number))
        .order_by(staged.c.client_number, staged.c.client_name.is_(None), staged.c.row)
    )


def _load_addresses(loading: Loading, name: str, channel: str) -> None:
    """The last address a file names becomes the preferred one of its channel; the others are kept."""
    staged, party = loading.staged, parties.alias("p")
    rows = (
        select(
            party.c.id.label("party_id"),
            literal(channel).label("channel"),
            staged.c[name].label("value"),
            literal("any").label("purpose"),
            literal(True).label("is_preferred"),
            staged.c.row.label(ORDER),
        )
        .select_from(staged.outerjoin(party, party.c.number == staged.c.client_number))
        .where(staged.c[name].is_not(None), staged.c.client_number.is_not(None))
        .ext(distinct_on(staged.c.client_number))
        .order_by(staged.c.client_number, staged.c.row.desc())
    )
    if loading.brings(name):
        key = ("party_id", "channel", "value", "purpose")
        upsert(loading, Upsert(name="addresses", table=contact_points, rows=rows, key=key))
        _prefer_one(loading, rows, channel)


def _prefer_one(loading: Loading, rows: Rows, channel: str) -> None:
    if loading.is_dry_run:
        return
    named = rows.subquery("named")
    loading.db.execute(
        update(contact_points)
        .values(is_preferred=False)
        .where(
            contact_points.c.party_id == named.c.party_id,
            contact_points.c.channel == channel,
            contact_points.c.is_preferred,
            contact_points.c.value != named.c.value,
        )
    )


def placed_by_us_means_existing(loading: Loading) -> Default:
    """The standing of a client who comes with a policy: one we placed makes them an existing client."""
    other = loading.staged.alias("other")

    def standing(source: Subquery) -> ColumnElement[Any]:
        is_ours = or_(other.c.term_placed.is_(None), other.c.term_placed == Placed.BY_US.value)
        has_ours = exists(select(1).where(other.c.client_number == source.c.number, is_ours))
        return case((has_ours, Standing.EXISTING.value), else_=Standing.NEW.value)

    return standing
