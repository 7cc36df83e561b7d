"""The fields of money owed, campaigns, contacts, complaints, claims, alerts and of the case itself."""

from __future__ import annotations

from standards.catalogue.values import Entity, FieldType, Row, entity_of, labels_of

_TEXT, _CODE, _NUMBER, _MONEY = FieldType.TEXT, FieldType.CODE, FieldType.NUMBER, FieldType.MONEY
_DATE, _MOMENT, _YES_NO, _PERSON = FieldType.DATE, FieldType.MOMENT, FieldType.YES_NO, FieldType.PERSON

_SETTABLE: dict[str, object] = {"is_settable": True}
_COMPUTED: dict[str, object] = {"is_computed": True}
_CURRENCY: dict[str, object] = {"code_list": "currencies"}
RECEIVABLE_STATES = ("issued", "sent", "part_paid", "paid", "credited", "written_off", "unknown")


def _coded(code_list: str, *codes: str, settable: bool = False) -> dict[str, object]:
    return {"code_list": code_list, "codes": codes, "is_settable": settable}


_RECEIVABLE: tuple[Row, ...] = (
    ("number", _TEXT, "document number", "dokumento numeris", "número de documento"),
    (
        "kind",
        _CODE,
        "kind",
        "rūšis",
        "tipo",
        _coded("receivable_kinds", "premium", "fee", "interest", "credit_note"),
    ),
    ("creditor", _CODE, "owed to", "kam skolinga", "acreedor", _coded("creditors", "insurer", "house")),
    ("collector", _CODE, "collected by", "kas renka", "quién cobra", _coded("creditors", "insurer", "house")),
    ("issuer", _TEXT, "issued by", "kas išrašė", "emisor"),
    ("instalment", _NUMBER, "instalment", "dalis", "cuota"),
    ("issued_on", _DATE, "issued on", "išrašyta", "emitido el"),
    ("due_on", _DATE, "due on", "apmokėti iki", "vence el"),
    ("amount", _MONEY, "amount", "suma", "importe"),
    ("open_amount", _MONEY, "still owed", "likutis", "pendiente"),
    ("currency", _CODE, "currency", "valiuta", "moneda", _CURRENCY),
    ("state", _CODE, "state", "būsena", "estado", _coded("receivable_states", *RECEIVABLE_STATES)),
    ("sent_at", _MOMENT, "sent", "išsiųsta", "enviado", _SETTABLE),
    ("settled_on", _DATE, "settled on", "apmokėta", "saldado el"),
    (
        "state_source",
        _CODE,
        "payment state comes from",
        "būsenos šaltinis",
        "fuente del estado",
        _coded("state_sources", "house", "insurer_file", "client"),
    ),
    ("state_as_of", _MOMENT, "payment state as of", "būsena šiai datai", "estado a fecha de"),
    ("waits_until", _DATE, "waits until", "laukia iki", "en espera hasta", _SETTABLE),
    (
        "waits_reason",
        _CODE,
        "why it waits",
        "kodėl laukia",
        "motivo de la espera",
        _coded("waits_reasons", "disputed", "promised", "planned", "said_to_be_paid", settable=True),
    ),
    ("dunning_level", _NUMBER, "dunning level", "raginimo lygis", "nivel de reclamación", _SETTABLE),
    ("collect_by", _DATE, "collect by", "surinkti iki", "cobrar antes del"),
    ("cover_notice_on", _DATE, "cover notice on", "pranešimas apie apsaugą", "aviso de cobertura el"),
    ("cover_suspended_from", _DATE, "cover suspended from", "apsauga stabdoma nuo", "cobertura suspendida desde"),
    ("cover_terminated_on", _DATE, "cover terminated on", "apsauga nutraukiama", "cobertura terminada el"),
    ("reinstatable_until", _DATE, "can be reinstated until", "galima atkurti iki", "rehabilitable hasta"),
)

_CAMPAIGN: tuple[Row, ...] = (
    ("code", _TEXT, "code", "kodas", "código"),
    ("name", _TEXT, "name", "pavadinimas", "nombre"),
    ("product_line", _CODE, "product line", "draudimo rūšis", "ramo", {"code_list": "product_lines"}),
    ("owner", _PERSON, "campaign owner", "kampanijos vadovas", "responsable de la campaña"),
    ("starts_on", _DATE, "starts on", "prasideda", "empieza el"),
    ("ends_on", _DATE, "ends on", "baigiasi", "termina el"),
)

_CAMPAIGN_MEMBER: tuple[Row, ...] = (
    ("listed_at", _MOMENT, "listed", "įtraukta į sąrašą", "incorporado a la lista"),
    ("source", _TEXT, "where the name came from", "iš kur gauta", "origen"),
    ("removed_at", _MOMENT, "taken off the list", "išbraukta iš sąrašo", "retirado de la lista", _SETTABLE),
    (
        "remove_reason",
        _CODE,
        "why taken off",
        "kodėl išbraukta",
        "motivo de la retirada",
        {"code_list": "remove_reasons", "is_settable": True},
    ),
)

_INTERACTION: tuple[Row, ...] = (
    ("number", _TEXT, "number", "numeris", "número"),
    (
        "kind",
        _CODE,
        "kind of contact",
        "kontakto rūšis",
        "tipo de contacto",
        _coded(
            "interaction_kinds",
            *("call", "visit", "letter", "message", "complaint", "enquiry", "praise", "service_request", "referral"),
        ),
    ),
    ("direction", _CODE, "direction", "kryptis", "sentido", _coded("directions", "in", "out")),
    ("channel", _CODE, "channel", "kanalas", "canal", {"code_list": "channels"}),
    ("topic", _CODE, "topic", "tema", "tema", {"code_list": "topics"}),
    ("at", _MOMENT, "when", "kada", "cuándo"),
    ("employee", _PERSON, "taken by", "priėmė", "atendido por"),
)

_COMPLAINT: tuple[Row, ...] = (
    ("cause", _CODE, "cause", "priežastis", "causa", {"code_list": "complaint_causes", "is_settable": True}),
    ("received_at", _MOMENT, "received", "gautas", "recibida"),
    ("answer_by", _DATE, "answer by", "atsakyti iki", "responder antes del", _SETTABLE),
    ("answered_at", _MOMENT, "answered", "atsakyta", "respondida", _SETTABLE),
    ("closed_at", _MOMENT, "closed", "uždarytas", "cerrada", _SETTABLE),
    (
        "finding",
        _CODE,
        "finding",
        "išvada",
        "conclusión",
        _coded("findings", "confirmed", "not_confirmed", settable=True),
    ),
    ("corrective_action", _TEXT, "corrective action", "taisomasis veiksmas", "acción correctiva", _SETTABLE),
)

_CLAIM: tuple[Row, ...] = (
    ("number", _TEXT, "claim number", "žalos numeris", "número de siniestro"),
    ("insurer_number", _TEXT, "insurer's number", "draudiko numeris", "número de la aseguradora"),
    ("occurred_at", _MOMENT, "occurred", "įvyko", "ocurrido"),
    ("notified_at", _MOMENT, "notified", "pranešta", "notificado", _SETTABLE),
    ("reserve", _MONEY, "reserve", "rezervas", "reserva"),
    ("paid", _MONEY, "paid", "išmokėta", "pagado"),
    ("currency", _CODE, "currency", "valiuta", "moneda", _CURRENCY),
    ("state", _CODE, "state", "būsena", "estado", {"code_list": "claim_states"}),
    ("refused_reason", _CODE, "why refused", "atsisakymo priežastis", "motivo del rechazo", {"code_list": "refusals"}),
    ("closed_at", _MOMENT, "closed", "uždaryta", "cerrado", _SETTABLE),
)

_ALERT: tuple[Row, ...] = (
    ("type", _CODE, "type", "rūšis", "tipo", {"code_list": "alert_types"}),
    ("starts_on", _DATE, "starts on", "prasideda", "empieza el"),
    ("ends_on", _DATE, "ends on", "baigiasi", "termina el"),
)

_CASE: tuple[Row, ...] = (
    ("started_at", _MOMENT, "case started", "byla pradėta", "inicio del caso"),
    ("owner", _PERSON, "case owner", "bylos savininkas", "responsable del caso", _COMPUTED),
)

_MEMBER: tuple[Row, ...] = (
    ("name", _TEXT, "name", "pavadinimas", "nombre", {"is_personal": True, "is_computed": True}),
)

DEALINGS: tuple[Entity, ...] = (
    entity_of("receivable", "receivable", labels_of("receivable", "mokėtina suma", "recibo"), _RECEIVABLE),
    entity_of("campaign", None, labels_of("campaign", "kampanija", "campaña"), _CAMPAIGN),
    entity_of(
        "campaign_member",
        "campaign_member",
        labels_of("campaign member", "kampanijos dalyvis", "integrante de la campaña"),
        _CAMPAIGN_MEMBER,
    ),
    entity_of("interaction", "interaction", labels_of("contact", "kontaktas", "contacto"), _INTERACTION),
    entity_of("complaint", "interaction", labels_of("complaint", "skundas", "reclamación"), _COMPLAINT),
    entity_of("claim", "claim", labels_of("claim", "žala", "siniestro"), _CLAIM),
    entity_of("alert", "alert", labels_of("alert", "įspėjimas", "aviso"), _ALERT),
    entity_of("case", None, labels_of("case", "byla", "caso"), _CASE),
    entity_of("member", None, labels_of("member of the list", "sąrašo narys", "elemento de la lista"), _MEMBER),
)
