"""The kinds of files taktas takes in, what each brings, and what makes one of its rows the same row again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.errors import UsageError, did_you_mean
from intake.cells.formats import ValueKind
from intake.mappings.field_specs import (
    ABSENCE,
    CAMPAIGN,
    CAMPAIGN_MEMBER,
    DOCUMENT,
    EMPLOYEE,
    FACT,
    INSURER,
    INTERACTION,
    OBJECT,
    PAYMENT,
    POLICY,
    PRODUCT_LINE,
    RECEIVABLE,
    TERM,
    FieldSpec,
    client_fields,
    programme_fields,
)

Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ImportKind:
    """One kind of file. `keys`: the business keys a mapping may choose from; the first that fits is the usual one."""

    name: str
    about: str
    fields: tuple[FieldSpec, ...]
    keys: tuple[Key, ...]

    @cached_property
    def by_path(self) -> dict[str, FieldSpec]:
        """The fields by path."""
        return {field.path: field for field in self.fields}

    @property
    def has_objects(self) -> bool:
        """Whether its rows may bring an insured object."""
        return "object.kind" in self.by_path

    def field(self, path: str) -> FieldSpec | None:
        """The field of that path, also a free fact about an insured object; None where there is none."""
        if self.has_objects and path.startswith(FACT) and path.removeprefix(FACT).isidentifier():
            return FieldSpec(path=path, kind=ValueKind.TEXT)
        return self.by_path.get(path)

    def paths_named(self, name: str) -> list[str]:
        """The paths whose last word this is: `expires_on` means `term.expires_on`."""
        return [path for path in self.by_path if path.partition(".")[2] == name]


_POLICY_KEY = ("policy.insurer", "policy.number")

KINDS: dict[str, ImportKind] = {
    kind.name: kind
    for kind in (
        ImportKind(
            name="employees",
            about="people who work here, with their teams",
            fields=EMPLOYEE,
            keys=(("employee.login",),),
        ),
        ImportKind(
            name="absences",
            about="when somebody is away, and who stands in",
            fields=ABSENCE,
            keys=(("employee.login", "absence.starts_at"),),
        ),
        ImportKind(
            name="clients",
            about="persons and companies, with addresses, consent and who looks after them",
            fields=client_fields(),
            keys=(("client.number",),),
        ),
        ImportKind(name="insurers", about="insurers", fields=INSURER, keys=(("insurer.code",),)),
        ImportKind(
            name="product_lines",
            about="product lines, with their labels",
            fields=PRODUCT_LINE,
            keys=(("product_line.code",),),
        ),
        ImportKind(
            name="programmes",
            about="fleets, households and employers' groups",
            fields=(*programme_fields(required=True), *client_fields()),
            keys=(("programme.number",),),
        ),
        ImportKind(
            name="policies",
            about="policies with their terms, and beside them their client, programme and insured object",
            fields=(*client_fields(), *POLICY, *TERM, *programme_fields(required=False), *OBJECT),
            keys=((*_POLICY_KEY, "term.sequence"), (*_POLICY_KEY, "term.starts_on"), _POLICY_KEY),
        ),
        ImportKind(
            name="invoices",
            about="receivables: premiums of insurers and fees of the house",
            fields=RECEIVABLE,
            keys=(("receivable.issuer", "receivable.number"),),
        ),
        ImportKind(
            name="payments",
            about="payments, matched with the invoices they name",
            fields=PAYMENT,
            keys=(("payment.source", "payment.reference"),),
        ),
        ImportKind(
            name="documents",
            about="papers of clients that work depends on: mandates, proposal forms, proofs of identity",
            fields=DOCUMENT,
            keys=(("client.number", "document.type", "document.received_at"), ("client.number", "document.type")),
        ),
        ImportKind(
            name="interactions",
            about="contacts with clients, in and out: calls, visits, letters, enquiries, complaints",
            fields=(*INTERACTION, *client_fields()),
            keys=(("interaction.number",),),
        ),
        ImportKind(name="campaigns", about="marketing campaigns", fields=CAMPAIGN, keys=(("campaign.code",),)),
        ImportKind(
            name="campaign_members",
            about="who is on the list of a campaign, new clients among them",
            fields=(*CAMPAIGN_MEMBER, *client_fields()),
            keys=(("campaign.code", "client.number"),),
        ),
    )
}


def kind_named(name: str) -> ImportKind:
    """The kind of that name; `receivables` are invoices. Raises: UsageError."""
    meant = {"receivables": "invoices"}.get(name, name.replace("-", "_"))
    if meant not in KINDS:
        hint = did_you_mean(meant, KINDS) or "."
        raise UsageError(f"There is nothing called {name!r} to import{hint} You can import {', '.join(KINDS)}.")
    return KINDS[meant]
