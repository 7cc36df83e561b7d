"""The fields of terms, policies and what hangs on them."""

from __future__ import annotations

from standards.catalogue.values import Entity, FieldType, Row, entity_of, labels_of

_TEXT, _CODE, _NUMBER, _MONEY = FieldType.TEXT, FieldType.CODE, FieldType.NUMBER, FieldType.MONEY
_DATE, _MOMENT, _YES_NO, _PERSON = FieldType.DATE, FieldType.MOMENT, FieldType.YES_NO, FieldType.PERSON

PREMIUM_PERIODS = ("month", "quarter", "half_year", "year", "term")
STAGES = ("accepted", "bound", "issued", "delivered", "in_force", "not_taken_up", "ended")

_PERIOD: dict[str, object] = {"codes": PREMIUM_PERIODS, "code_list": "premium_periods"}
_PLACED: dict[str, object] = {"codes": ("by_us", "elsewhere"), "code_list": "placed", "is_settable": True}
_RENEWS: dict[str, object] = {
    "codes": ("by_offer", "automatically", "no", "anniversary"),
    "code_list": "renews",
    "is_settable": True,
}
_STAGE: dict[str, object] = {"codes": STAGES, "code_list": "stages", "is_settable": True}
_LINE: dict[str, object] = {"code_list": "product_lines"}
_INSURER: dict[str, object] = {"code_list": "insurers"}
_COMPUTED: dict[str, object] = {"is_computed": True}
_SETTABLE: dict[str, object] = {"is_settable": True}

_TERM: tuple[Row, ...] = (
    ("sequence", _NUMBER, "number of the term", "laikotarpio numeris", "número del período"),
    ("starts_on", _DATE, "cover starts on", "apsauga prasideda", "inicio de la cobertura"),
    ("expires_on", _DATE, "cover expires on", "apsauga baigiasi", "vencimiento de la cobertura"),
    ("is_estimated", _YES_NO, "expiry is a guess", "pabaigos data spėjama", "vencimiento estimado"),
    ("placed", _CODE, "placed by", "kas sudarė", "colocada por", _PLACED),
    ("renews", _CODE, "how it renews", "kaip atnaujinama", "forma de renovación", _RENEWS),
    ("notice_by", _DATE, "notice to be given by", "pranešti iki", "avisar antes del", _SETTABLE),
    (
        "notice_received_on",
        _DATE,
        "client gave notice on",
        "klientas pranešė nutraukiąs",
        "el cliente avisó de la baja el",
    ),
    ("stage", _CODE, "stage", "etapas", "etapa", _STAGE),
    ("accepted_at", _MOMENT, "accepted by the client", "klientas sutiko", "aceptada por el cliente", _SETTABLE),
    (
        "bound_at",
        _MOMENT,
        "confirmed by the insurer",
        "draudikas patvirtino",
        "confirmada por la aseguradora",
        _SETTABLE,
    ),
    ("issued_at", _MOMENT, "policy issued", "polisas išrašytas", "póliza emitida", _SETTABLE),
    ("delivered_at", _MOMENT, "policy delivered", "polisas įteiktas", "póliza entregada", _SETTABLE),
    ("premium_net", _MONEY, "net premium", "grynoji įmoka", "prima neta"),
    ("premium_tax", _MONEY, "tax on the premium", "įmokos mokestis", "impuesto sobre la prima"),
    ("premium_levies", _MONEY, "levies and fees", "rinkliavos", "recargos y gastos"),
    ("premium_gross", _MONEY, "gross premium", "visa įmoka", "prima total"),
    ("premium_period", _CODE, "premium pays for", "įmokos laikotarpis", "período de la prima", _PERIOD),
    ("currency", _CODE, "currency", "valiuta", "moneda", {"code_list": "currencies"}),
    ("instalments", _NUMBER, "instalments", "dalių skaičius", "número de cuotas"),
    ("ended_on", _DATE, "ended on", "nutrauktas", "terminada el", _SETTABLE),
    (
        "end_reason",
        _CODE,
        "why it ended",
        "kodėl baigėsi",
        "motivo de terminación",
        {"code_list": "end_reasons", "is_settable": True},
    ),
    ("is_renewed", _YES_NO, "already renewed", "jau atnaujintas", "ya renovada", _COMPUTED),
)

_POLICY: tuple[Row, ...] = (
    ("number", _TEXT, "policy number", "poliso numeris", "número de póliza"),
    ("product_line", _CODE, "product line", "draudimo rūšis", "ramo", _LINE),
    ("product", _CODE, "product", "produktas", "producto", {"code_list": "products"}),
    ("insurer", _CODE, "insurer", "draudikas", "aseguradora", _INSURER),
    ("programme", _TEXT, "programme number", "programos numeris", "número de programa"),
    ("channel", _CODE, "sales channel", "pardavimo kanalas", "canal de venta", {"code_list": "channels"}),
    ("first_started_on", _DATE, "with us since", "pas mus nuo", "con nosotros desde"),
    ("cancelled_on", _DATE, "cancelled on", "nutrauktas", "anulada el"),
    (
        "cancel_reason",
        _CODE,
        "why it was cancelled",
        "nutraukimo priežastis",
        "motivo de anulación",
        {"code_list": "end_reasons"},
    ),
    ("open_claims", _NUMBER, "open claims", "atviros žalos", "siniestros abiertos", _COMPUTED),
)

_NAMED: tuple[Row, ...] = (
    ("code", _CODE, "code", "kodas", "código"),
    ("name", _TEXT, "name", "pavadinimas", "nombre"),
)

_INSURER_ROWS: tuple[Row, ...] = (
    ("code", _CODE, "code", "kodas", "código", _INSURER),
    ("name", _TEXT, "name", "pavadinimas", "nombre"),
    ("country", _CODE, "country", "šalis", "país", {"code_list": "countries"}),
    ("collects_itself", _YES_NO, "collects premiums itself", "įmokas renka pats", "cobra por sí misma"),
)

_PROGRAMME: tuple[Row, ...] = (
    ("number", _TEXT, "programme number", "programos numeris", "número de programa"),
    (
        "kind",
        _CODE,
        "kind of programme",
        "programos rūšis",
        "tipo de programa",
        {"codes": ("fleet", "household", "employer_group"), "code_list": "programme_kinds"},
    ),
    ("name", _TEXT, "name", "pavadinimas", "nombre"),
)

CONTRACTS: tuple[Entity, ...] = (
    entity_of("term", "term", labels_of("policy term", "poliso laikotarpis", "período de póliza"), _TERM),
    entity_of("policy", "policy", labels_of("policy", "polisas", "póliza"), _POLICY),
    entity_of("product_line", None, labels_of("product line", "draudimo rūšis", "ramo"), _NAMED),
    entity_of("product", None, labels_of("product", "produktas", "producto"), _NAMED),
    entity_of("insurer", None, labels_of("insurer", "draudikas", "aseguradora"), _INSURER_ROWS),
    entity_of("programme", "programme", labels_of("programme", "programa", "programa"), _PROGRAMME),
)

RECORDABLE: dict[str, FieldType] = {
    "policy_number": _TEXT,
    "insurer": _CODE,
    "starts_on": _DATE,
    "expires_on": _DATE,
    "premium_net": _MONEY,
    "premium_tax": _MONEY,
    "premium_levies": _MONEY,
    "premium_gross": _MONEY,
    "premium_period": _CODE,
    "currency": _CODE,
    "instalments": _NUMBER,
}
"""What `record: next term` can be told about the renewed cover; what it is not told is as in the term before."""
