"""What a case can be about, which lists hang on it, and what can befall it."""

from __future__ import annotations

from standards.catalogue.values import Collection, HappeningKind, Subject, labels_of

_PARTY = ("client", "policyholder")
_POLICY = ("policy", "product_line", "product", "insurer", "programme", *_PARTY)
_TERM = ("term", "next_term", *_POLICY)

REPEATING = ("year", "quarter", "month", "start")
"""Cycles that hang on the calendar, or on nothing: each start is its own."""

SUBJECTS: dict[str, Subject] = {
    subject.type: subject
    for subject in (
        Subject(type="term", reaches=_TERM, cycles=("term", "start")),
        Subject(type="policy", reaches=_POLICY, cycles=("start", "year", "quarter", "month")),
        Subject(type="client", reaches=_PARTY, cycles=("start", "year", "quarter", "month")),
        Subject(type="programme", reaches=("programme", *_PARTY), cycles=("start", "year", "quarter", "month")),
        Subject(type="receivable", reaches=("receivable", "payer", *_TERM), cycles=("receivable", "start")),
        Subject(type="claim", reaches=("claim", *_POLICY), cycles=("claim", "start")),
        Subject(type="interaction", reaches=("interaction", "complaint", *_TERM), cycles=("interaction", "start")),
        Subject(type="alert", reaches=("alert", *_TERM), cycles=("alert", "start")),
        Subject(
            type="campaign_member",
            reaches=("campaign_member", "campaign", "product_line", *_PARTY),
            cycles=("campaign", "start"),
        ),
        Subject(type="employee", reaches=("employee",), cycles=("start", "year", "quarter", "month")),
        Subject(type="period", reaches=("period",), cycles=("start",)),
        Subject(type="imported_case", reaches=("imported_case",), cycles=("start",)),
    )
}

COLLECTIONS: dict[str, Collection] = {
    collection.path: collection
    for collection in (
        Collection(
            path="client.contacts",
            member="client",
            labels=labels_of("people to talk to", "kontaktiniai asmenys", "personas de contacto"),
        ),
        Collection(path="client.terms", member="term", labels=labels_of("terms", "laikotarpiai", "períodos")),
        Collection(path="client.policies", member="policy", labels=labels_of("policies", "polisai", "pólizas")),
        Collection(
            path="client.receivables",
            member="receivable",
            labels=labels_of("receivables", "mokėtinos sumos", "recibos"),
        ),
        Collection(
            path="term.receivables", member="receivable", labels=labels_of("receivables", "mokėtinos sumos", "recibos")
        ),
        Collection(
            path="next_term.receivables",
            member="receivable",
            labels=labels_of(
                "receivables of the renewed term",
                "atnaujinto laikotarpio mokėtinos sumos",
                "recibos del período renovado",
            ),
        ),
        Collection(path="term.quotes", member=None, labels=labels_of("quotes", "pasiūlymai", "cotizaciones")),
        Collection(path="policy.terms", member="term", labels=labels_of("terms", "laikotarpiai", "períodos")),
        Collection(path="policy.claims", member="claim", labels=labels_of("claims", "žalos", "siniestros")),
        Collection(path="programme.terms", member="term", labels=labels_of("terms", "laikotarpiai", "períodos")),
        Collection(
            path="campaign.members", member="campaign_member", labels=labels_of("members", "dalyviai", "integrantes")
        ),
        Collection(
            path="claim.missing_documents",
            member=None,
            labels=labels_of("missing documents", "trūkstami dokumentai", "documentos pendientes"),
        ),
    )
}

_ANY: tuple[str, ...] = ()
_PAPERS = ("client", "policy", "term", "claim", "receivable", "interaction")

HAPPENINGS: dict[str, HappeningKind] = {
    kind: HappeningKind(kind=kind, subjects=subjects, labels=labels_of(english, lithuanian, spanish))
    for kind, subjects, english, lithuanian, spanish in (
        ("policy.cancelled", ("policy",), "policy cancelled", "polisas nutrauktas", "póliza anulada"),
        ("term.ended", ("term",), "term ended", "laikotarpis baigėsi", "período terminado"),
        ("term.expiry_corrected", ("term",), "expiry corrected", "pabaigos data pataisyta", "vencimiento corregido"),
        ("term.bound", ("term",), "cover confirmed", "apsauga patvirtinta", "cobertura confirmada"),
        ("term.notice_received", ("term",), "client gave notice", "klientas pranešė nutraukiąs", "cliente avisó baja"),
        ("quote.received", ("term", "client"), "quote received", "gautas pasiūlymas", "cotización recibida"),
        ("payment.matched", ("receivable",), "payment matched", "mokėjimas priskirtas", "pago aplicado"),
        ("receivable.settled", ("receivable",), "paid in full", "visiškai apmokėta", "saldado"),
        ("receivable.disputed", ("receivable",), "disputed", "ginčijama", "en disputa"),
        ("receivable.promised", ("receivable",), "payment promised", "pažadėta sumokėti", "pago prometido"),
        ("receivable.credited", ("receivable",), "credited", "kredituota", "abonado"),
        ("complaint.received", ("interaction",), "complaint received", "gautas skundas", "reclamación recibida"),
        ("complaint.closed", ("interaction",), "complaint closed", "skundas uždarytas", "reclamación cerrada"),
        ("claim.reported", ("claim",), "claim reported", "pranešta apie žalą", "siniestro notificado"),
        ("claim.closed", ("claim",), "claim closed", "žala uždaryta", "siniestro cerrado"),
        ("interaction.received", ("interaction",), "contact received", "gautas kreipimasis", "contacto recibido"),
        ("client.answered", ("client",), "client got in touch", "klientas atsiliepė", "el cliente respondió"),
        ("client.blacklisted", ("client",), "client blacklisted", "klientas juodajame sąraše", "cliente vetado"),
        (
            "client.consent_withdrawn",
            ("client",),
            "consent withdrawn",
            "sutikimas atšauktas",
            "consentimiento retirado",
        ),
        ("lead.created", ("client",), "new lead", "naujas potencialus klientas", "nuevo cliente potencial"),
        ("document.received", _PAPERS, "document received", "gautas dokumentas", "documento recibido"),
        ("letter.sent", _ANY, "letter left the house", "laiškas išsiųstas", "carta enviada"),
        ("letter.bounced", _ANY, "letter came back", "laiškas grįžo", "carta devuelta"),
        (
            "campaign.member_removed",
            ("campaign_member",),
            "taken off the list",
            "išbraukta iš sąrašo",
            "retirado de la lista",
        ),
        ("case.ended", _ANY, "sub-process ended", "dalinis procesas baigtas", "subproceso terminado"),
        ("employee.left", ("employee",), "employee left", "darbuotojas išėjo", "empleado se fue"),
    )
}

CUSTOM = "custom."
"""A house may report happenings of its own under this prefix, about any subject."""
