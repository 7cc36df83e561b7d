"""What is added to every row once its fields are read: sort keys, whole names, the facts about an object as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import orjson

from core.sorting import sort_key
from intake.cells.slots import Value
from intake.mappings.field_specs import FACT

Finish = Callable[[Sequence[Value]], Value]

FACTS = "object_facts"
_FACT = FACT.replace(".", "_")


def finishers(names: Sequence[str], language: str) -> dict[str, Finish]:
    """Staged name -> how it is made of the values that stand under `names`; `language`: where a row says none."""
    place = {name: at for at, name in enumerate(names)}
    made: dict[str, Finish] = {}
    if "client_name" in place or "client_family_name" in place:
        made["client_sort_key"] = _client_key(place, language)
    if "client_family_name" in place and "client_name" not in place:
        made["client_name"] = _joined(
            [place[name] for name in ("client_given_name", "client_family_name") if name in place]
        )
    if "employee_name" in place:
        made["employee_sort_key"] = _key(_joined([place["employee_name"]]), place.get("employee_language"), language)
    facts = {name.removeprefix(_FACT): at for name, at in place.items() if name.startswith(_FACT)}
    if facts:
        made[FACTS] = lambda values: _as_json(
            {name: values[at] for name, at in facts.items() if values[at] is not None}
        )
    return made


def _joined(places: Sequence[int]) -> Finish:
    return lambda values: " ".join(filter(None, (values[at] for at in places))) or None


def _key(name: Finish, spoken: int | None, language: str) -> Finish:
    def finish(values: Sequence[Value]) -> Value:
        written = name(values)
        tongue = values[spoken] if spoken is not None else None
        return None if written is None else sort_key(written, tongue or language)

    return finish


def _client_key(place: Mapping[str, int], language: str) -> Finish:
    """People are ordered by their family name where it is known, everybody else by the whole name."""
    whole = _joined([place["client_name"]]) if "client_name" in place else None
    by_family = _joined([place[name] for name in ("client_family_name", "client_given_name") if name in place])
    family = place.get("client_family_name")

    def name(values: Sequence[Value]) -> Value:
        knows_family = family is not None and values[family] is not None
        return by_family(values) if knows_family or whole is None else whole(values)

    return _key(name, place.get("client_language"), language)


def _as_json(facts: Mapping[str, Value]) -> Value:
    known = {name: value for name, value in facts.items() if value is not None}
    return orjson.dumps(known).decode() if known else None
