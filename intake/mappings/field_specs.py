"""The fields a file may bring: each by its path, with how its cells are read."""

from __future__ import annotations

from dataclasses import dataclass

from intake.cells.formats import ValueKind
from standards.catalogue import FIELDS, FieldType

FACT = "object.fact."
"""Anything else a house wants to keep about an insured object: `object.fact.engine`."""

_BY_TYPE = {
    FieldType.TEXT: ValueKind.TEXT,
    FieldType.CODE: ValueKind.CODE,
    FieldType.NUMBER: ValueKind.WHOLE,
    FieldType.MONEY: ValueKind.MONEY,
    FieldType.DATE: ValueKind.DATE,
    FieldType.MOMENT: ValueKind.START,
    FieldType.YES_NO: ValueKind.YES_NO,
    FieldType.PERSON: ValueKind.KEY,
}
_BY_LIST = {"languages": ValueKind.LANGUAGE, "countries": ValueKind.COUNTRY, "currencies": ValueKind.CURRENCY}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field. `staged` is the name of its column while the import works on it."""

    path: str
    kind: ValueKind
    codes: tuple[str, ...] = ()
    is_required: bool = False
    least: int | None = None
    most: int | None = None

    @property
    def staged(self) -> str:
        """`client.number` as `client_number`."""
        return self.path.replace(".", "_")


def spec(
    path: str,
    kind: ValueKind | None = None,
    *,
    codes: tuple[str, ...] = (),
    required: bool = False,
    least: int | None = None,
    most: int | None = None,
) -> FieldSpec:
    """A field; kind and codes are the catalogue's where it knows the path and nothing else is said."""
    known = FIELDS.get(path)
    if known is not None:
        kind = kind or _BY_LIST.get(known.code_list) or _BY_TYPE[known.type]
        codes = codes or known.codes
    if kind is None:
        raise KeyError(path)
    return FieldSpec(path=path, kind=kind, codes=codes, is_required=required, least=least, most=most)


def client_fields(*, required: bool = True) -> tuple[FieldSpec, ...]:
    """A client, as a file of its own or beside a policy."""
    texts = ("name", "given_name", "family_name", "identity_number", "region")
    plain = ("kind", "birth_date", "language", "country", "tier", "standing", "channel")
    people = ("account_manager", "producer", "handler", "collector")
    return (
        spec("client.number", ValueKind.KEY, required=required),
        *(spec(f"client.{name}") for name in (*texts, *plain, *people)),
        spec("client.email", ValueKind.EMAIL),
        spec("client.phone", ValueKind.ADDRESS),
        spec("client.address", ValueKind.ADDRESS),
        spec("client.marketing_consent", ValueKind.YES_NO),
        spec("client.blacklisted_at"),
        spec("client.blacklist_reason", ValueKind.CODE),
    )


def programme_fields(*, required: bool) -> tuple[FieldSpec, ...]:
    """A fleet, a household or an employer's group."""
    return (
        spec("programme.number", ValueKind.KEY, required=required),
        spec("programme.kind", required=required),
        spec("programme.name", required=required),
    )


POLICY = (
    spec("policy.number", ValueKind.KEY, required=True),
    spec("policy.insurer", required=True),
    spec("policy.product_line", required=True),
    spec("policy.channel"),
    spec("policy.first_started_on"),
    spec("policy.cancelled_on"),
    spec("policy.cancel_reason"),
)

_PREMIUMS = ("term.premium_net", "term.premium_tax", "term.premium_levies", "term.premium_gross")

TERM = (
    spec("term.sequence", least=1, most=100_000),
    spec("term.starts_on"),
    spec("term.expires_on", required=True),
    *(spec(f"term.{name}") for name in ("is_estimated", "placed", "renews", "notice_by")),
    spec("term.notice_received_on"),
    spec("term.stage"),
    *(spec(path) for path in _PREMIUMS),
    spec("term.premium_period"),
    spec("term.currency"),
    spec("term.instalments", least=1, most=366),
    spec("term.ended_on"),
    spec("term.end_reason"),
)

PREMIUM_PATHS = frozenset(_PREMIUMS)

OBJECT = (
    spec("object.kind", ValueKind.CODE, codes=("vehicle", "building", "person", "trip", "cargo", "other")),
    spec("object.label", ValueKind.TEXT),
    spec("object.plate", ValueKind.KEY),
    spec("object.covered_from", ValueKind.DATE),
    spec("object.covered_to", ValueKind.DATE),
)

EMPLOYEE = (
    spec("employee.login", ValueKind.KEY, required=True),
    spec("employee.name", required=True),
    spec("employee.email", ValueKind.EMAIL),
    spec("employee.language"),
    spec("employee.zone", ValueKind.KEY),
    spec("employee.team"),
    spec("employee.team_name", ValueKind.TEXT),
    spec("employee.organisation", ValueKind.CODE),
    spec("employee.organisation_name", ValueKind.TEXT),
    spec("employee.calendar", ValueKind.CODE),
    spec("employee.weekly_hours", ValueKind.NUMBER, least=0, most=168),
    spec("employee.substitute", ValueKind.KEY),
    spec("employee.manager"),
    spec("employee.is_manager", ValueKind.YES_NO),
    spec("employee.joined_on"),
    spec("employee.left_on"),
)

ABSENCE = (
    spec("employee.login", ValueKind.KEY, required=True),
    spec("absence.starts_at", ValueKind.START, required=True),
    spec("absence.ends_at", ValueKind.END, required=True),
    spec(
        "absence.kind",
        ValueKind.CODE,
        codes=("holiday", "sickness", "training", "parental", "other"),
        required=True,
    ),
    spec("absence.substitute", ValueKind.KEY),
)

INSURER = (
    spec("insurer.code", ValueKind.CODE, required=True),
    spec("insurer.name", required=True),
    spec("insurer.country"),
    spec("insurer.collects_itself"),
)

PRODUCT_LINE = (
    spec("product_line.code", ValueKind.CODE, required=True),
    spec("product_line.label_en", ValueKind.TEXT, required=True),
    spec("product_line.label_lt", ValueKind.TEXT),
    spec("product_line.label_es", ValueKind.TEXT),
)

RECEIVABLE = (
    spec("receivable.issuer", ValueKind.KEY, required=True),
    spec("receivable.number", ValueKind.KEY, required=True),
    spec("payer.number", ValueKind.KEY, required=True),
    spec("receivable.kind", required=True),
    spec("receivable.creditor", required=True),
    spec("receivable.collector", required=True),
    spec("receivable.insurer", ValueKind.CODE),
    spec("policy.number", ValueKind.KEY),
    spec("receivable.instalment", least=1, most=366),
    spec("receivable.issued_on", required=True),
    spec("receivable.due_on", required=True),
    spec("receivable.amount", required=True),
    spec("receivable.open_amount"),
    spec("receivable.currency", required=True),
    spec("receivable.state"),
    spec("receivable.state_source"),
    spec("receivable.state_as_of"),
    spec("receivable.collect_by"),
    spec("receivable.cover_notice_on"),
    spec("receivable.cover_suspended_from"),
    spec("receivable.cover_terminated_on"),
    spec("receivable.reinstatable_until"),
)

PAYMENT = (
    spec("payment.source", ValueKind.CODE, codes=("bank", "insurer_file", "cash", "card"), required=True),
    spec("payment.reference", ValueKind.KEY, required=True),
    spec("payment.received_on", ValueKind.DATE, required=True),
    spec("payment.amount", ValueKind.MONEY, required=True),
    spec("payment.currency", ValueKind.CURRENCY, required=True),
    spec("payment.payer_text", ValueKind.TEXT),
    spec("payer.number", ValueKind.KEY),
    spec("receivable.issuer", ValueKind.KEY),
    spec("receivable.number", ValueKind.KEY),
)

DOCUMENT = (
    spec("client.number", ValueKind.KEY, required=True),
    spec("document.type", ValueKind.CODE, required=True),
    spec("document.asked_at", ValueKind.START),
    spec("document.received_at", ValueKind.START),
    spec("document.valid_until", ValueKind.DATE),
    spec("document.state", ValueKind.CODE, codes=("asked", "received", "accepted", "refused", "waived"), required=True),
)

INTERACTION = (
    spec("interaction.number", ValueKind.KEY, required=True),
    spec("interaction.kind", required=True),
    spec("interaction.direction", required=True),
    spec("interaction.channel", required=True),
    spec("interaction.topic"),
    spec("interaction.at", required=True),
    spec("interaction.employee"),
    spec("policy.insurer"),
    spec("policy.number", ValueKind.KEY),
    *(spec(f"complaint.{name}") for name in ("cause", "received_at", "answer_by", "answered_at", "closed_at")),
    spec("complaint.finding"),
    spec("complaint.corrective_action"),
)

CAMPAIGN = (
    spec("campaign.code", ValueKind.CODE, required=True),
    spec("campaign.name", required=True),
    spec("campaign.product_line"),
    spec("campaign.owner"),
    spec("campaign.starts_on", required=True),
    spec("campaign.ends_on"),
    spec("campaign.cost", ValueKind.MONEY),
    spec("campaign.currency", ValueKind.CURRENCY),
)

CAMPAIGN_MEMBER = (
    spec("campaign.code", ValueKind.CODE, required=True),
    spec("campaign_member.source"),
    spec("campaign_member.removed_at"),
    spec("campaign_member.remove_reason"),
)
