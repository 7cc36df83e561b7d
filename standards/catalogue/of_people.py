"""The fields of clients, payers and those who work here."""

from __future__ import annotations

from standards.catalogue.values import Entity, FieldType, Row, entity_of, labels_of, renamed

_TEXT, _CODE, _CODES, _NUMBER = FieldType.TEXT, FieldType.CODE, FieldType.CODES, FieldType.NUMBER
_DATE, _MOMENT, _YES_NO, _PERSON = FieldType.DATE, FieldType.MOMENT, FieldType.YES_NO, FieldType.PERSON

PARTY_KINDS = ("person", "company", "consortium")
STANDINGS = ("new", "existing", "former")

_PERSONAL: dict[str, object] = {"is_personal": True}
_COMPUTED: dict[str, object] = {"is_computed": True}
_PERSONAL_COMPUTED: dict[str, object] = {"is_personal": True, "is_computed": True}
_KIND: dict[str, object] = {"codes": PARTY_KINDS, "code_list": "party_kinds"}
_STANDING: dict[str, object] = {"codes": STANDINGS, "code_list": "standings", "is_settable": True}

_CLIENT: tuple[Row, ...] = (
    ("number", _TEXT, "client number", "kliento numeris", "número de cliente"),
    ("kind", _CODE, "kind of client", "kliento rūšis", "tipo de cliente", _KIND),
    ("name", _TEXT, "name", "pavadinimas", "nombre", _PERSONAL),
    ("given_name", _TEXT, "first name", "vardas", "nombre de pila", _PERSONAL),
    ("family_name", _TEXT, "family name", "pavardė", "apellidos", _PERSONAL),
    ("identity_number", _TEXT, "identity number", "asmens ar įmonės kodas", "documento de identidad", _PERSONAL),
    ("birth_date", _DATE, "date of birth", "gimimo data", "fecha de nacimiento", _PERSONAL),
    ("age", _NUMBER, "age in years", "amžius metais", "edad en años", _PERSONAL_COMPUTED),
    ("email", _TEXT, "e-mail", "el. paštas", "correo electrónico", _PERSONAL_COMPUTED),
    ("phone", _TEXT, "phone", "telefonas", "teléfono", _PERSONAL_COMPUTED),
    ("language", _CODE, "language", "kalba", "idioma", {"code_list": "languages"}),
    ("country", _CODE, "country", "šalis", "país", {"code_list": "countries"}),
    ("region", _TEXT, "region", "regionas", "región"),
    ("tier", _CODE, "tier", "kliento lygis", "categoría", {"code_list": "tiers", "is_settable": True}),
    ("standing", _CODE, "standing", "kliento būklė", "situación", _STANDING),
    ("channel", _CODE, "came to us by", "atėjo per", "canal de entrada", {"code_list": "channels"}),
    ("account_manager", _PERSON, "account manager", "kliento vadybininkas", "gestor de la cuenta", _COMPUTED),
    ("producer", _PERSON, "producer", "pritraukęs vadybininkas", "productor", _COMPUTED),
    ("handler", _PERSON, "handler", "administratorius", "tramitador", _COMPUTED),
    ("collector", _PERSON, "collector", "skolų vadybininkas", "gestor de cobros", _COMPUTED),
    ("is_blacklisted", _YES_NO, "blacklisted", "juodajame sąraše", "en lista negra", _COMPUTED),
    ("blacklisted_at", _MOMENT, "blacklisted since", "juodajame sąraše nuo", "en lista negra desde"),
    ("has_marketing_consent", _YES_NO, "agreed to marketing", "sutiko gauti reklamą", "acepta publicidad", _COMPUTED),
    ("is_debtor", _YES_NO, "owes overdue amounts", "turi pradelstų skolų", "tiene deuda vencida", _COMPUTED),
    (
        "running",
        _CODES,
        "processes under way",
        "vykstantys procesai",
        "procesos en curso",
        {"is_computed": True, "code_list": "processes"},
    ),
    (
        "product_lines",
        _CODES,
        "product lines held with us",
        "pas mus turimos draudimo rūšys",
        "ramos contratados con nosotros",
        {"is_computed": True, "code_list": "product_lines"},
    ),
    ("last_contacted_at", _MOMENT, "last contacted", "paskutinis kontaktas", "último contacto", _COMPUTED),
    ("created_at", _MOMENT, "known since", "žinomas nuo", "registrado desde"),
)

_EMPLOYEE: tuple[Row, ...] = (
    ("login", _TEXT, "login", "prisijungimo vardas", "usuario"),
    ("name", _TEXT, "name", "vardas ir pavardė", "nombre", _PERSONAL),
    ("email", _TEXT, "e-mail", "el. paštas", "correo electrónico", _PERSONAL),
    ("language", _CODE, "language", "kalba", "idioma", {"code_list": "languages"}),
    ("team", _CODE, "team", "komanda", "equipo", {"code_list": "teams"}),
    ("manager", _PERSON, "manager", "vadovas", "responsable"),
    ("joined_on", _DATE, "joined on", "dirba nuo", "incorporación"),
    ("left_on", _DATE, "left on", "dirbo iki", "salida"),
)

_PERIOD: tuple[Row, ...] = (
    ("name", _TEXT, "name", "pavadinimas", "nombre"),
    ("starts_on", _DATE, "starts on", "prasideda", "empieza el"),
    ("ends_on", _DATE, "ends on", "baigiasi", "termina el"),
)

_IMPORTED_CASE: tuple[Row, ...] = (("number", _TEXT, "number in its log", "numeris žurnale", "número en su registro"),)

_CLIENT_ENTITY = entity_of("client", "client", labels_of("client", "klientas", "cliente"), _CLIENT)

PEOPLE: tuple[Entity, ...] = (
    _CLIENT_ENTITY,
    renamed(_CLIENT_ENTITY, "policyholder", labels_of("policyholder", "draudėjas", "tomador")),
    renamed(_CLIENT_ENTITY, "payer", labels_of("payer", "mokėtojas", "pagador")),
    entity_of("employee", "employee", labels_of("employee", "darbuotojas", "empleado"), _EMPLOYEE),
    entity_of("period", "period", labels_of("period", "laikotarpis", "período"), _PERIOD),
    entity_of(
        "imported_case",
        "imported_case",
        labels_of("imported case", "importuotas atvejis", "caso importado"),
        _IMPORTED_CASE,
    ),
)
