"""Campaigns and their lists into the book."""

from __future__ import annotations

from sqlalchemy import and_, select

from intake.loading.cargo import Loading
from intake.loading.happening_reports import Changed, report_changes
from intake.loading.parties import check_clients, load_clients, refuse_unknown_employee
from intake.loading.upserting import ORDER, Upsert, id_of, upsert
from models.campaigns import campaign_members, campaigns
from models.contracts import product_lines
from models.parties import parties
from models.people import employees


def load_campaigns(loading: Loading) -> None:
    """A file of campaigns."""
    staged = loading.staged
    loading.refuse_repeated(("campaign_code",), "campaign")
    loading.refuse_unknown("campaign_product_line", product_lines.c.code, "product line", "Import product lines first.")
    refuse_unknown_employee(loading, "campaign_owner")
    is_reversed = staged.c.campaign_ends_on < staged.c.campaign_starts_on
    loading.refuse_where(is_reversed, "campaign_ends_on", "the campaign would end before it begins")
    joined = staged.outerjoin(product_lines, product_lines.c.code == staged.c.campaign_product_line).outerjoin(
        employees, employees.c.login == staged.c.campaign_owner
    )
    names = ("code", "name", "starts_on", "ends_on", "cost", "currency")
    rows = select(
        *(staged.c[f"campaign_{name}"].label(name) for name in names),
        product_lines.c.id.label("product_line_id"),
        employees.c.id.label("owner_id"),
        staged.c.row.label(ORDER),
    ).select_from(joined)
    upsert(loading, Upsert(name="campaigns", table=campaigns, rows=rows, key=("code",), prefix="campaign"))


def load_campaign_members(loading: Loading) -> None:
    """The list of a campaign; clients who are not in the book come in with it."""
    loading.refuse_repeated(("campaign_code", "client_number"), "member of the campaign")
    loading.refuse_unknown("campaign_code", campaigns.c.code, "campaign", "Import campaigns first.")
    check_clients(loading)
    load_clients(loading)
    staged = loading.staged
    joined = staged.join(campaigns, campaigns.c.code == staged.c.campaign_code).outerjoin(
        parties, parties.c.number == staged.c.client_number
    )
    rows = select(
        campaigns.c.id.label("campaign_id"),
        id_of(parties, staged.c.client_number).label("party_id"),
        *(staged.c[f"campaign_member_{name}"].label(name) for name in ("source", "removed_at", "remove_reason")),
        staged.c.row.label(ORDER),
    ).select_from(joined)
    removed = _removed(loading)
    upsert(
        loading,
        Upsert(
            name="campaign members",
            table=campaign_members,
            rows=rows,
            key=("campaign_id", "party_id"),
            prefix="campaign_member",
            defaults={"listed_at": loading.at},
        ),
    )
    report_changes(loading, removed)


def _removed(loading: Loading) -> list[Changed]:
    """Members in the book of whom the file says for the first time that they were taken off the list."""
    if loading.is_dry_run:
        return []
    staged = loading.staged
    rows = loading.db.scalars(
        select(campaign_members.c.id)
        .select_from(
            staged.join(campaigns, campaigns.c.code == staged.c.campaign_code)
            .join(parties, parties.c.number == staged.c.client_number)
            .join(
                campaign_members,
                and_(campaign_members.c.campaign_id == campaigns.c.id, campaign_members.c.party_id == parties.c.id),
            )
        )
        .where(campaign_members.c.removed_at.is_(None), staged.c.campaign_member_removed_at.is_not(None))
        .order_by(campaign_members.c.id)
    ).all()
    kind = "campaign.member_removed"
    return [Changed(kind=kind, subject_type="campaign_member", subject_id=member) for member in rows]
