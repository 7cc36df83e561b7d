"""Writing OCEL 2.0, as JSON and as XML, streamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import Any

import orjson
from sqlalchemy import Connection

from reports.event_log.chosen import Chosen
from reports.event_log.ocel_facts import Told, told_events, told_objects
from tasks.record.log_attributes import ESCAPED, escaped, is_fit, xml_text

Attributes = dict[str, set[str]]
"""Type -> the names of its attributes."""
IN_MEMORY = 16_000_000
"""Bytes of XML kept in memory; what is more waits in a temporary file until the types are known."""


def ocel_pieces(db: Connection, chosen: Chosen) -> Iterator[str]:
    """The log as JSON, piece by piece, one event or object each."""
    event_types: Attributes = defaultdict(set)
    object_types: Attributes = defaultdict(set)
    yield '{"events":['
    yield from _listed(_noted(told_events(db, chosen), event_types))
    yield '],\n"objects":['
    yield from _listed(_noted(told_objects(db, chosen), object_types))
    yield f'],\n"eventTypes":{_types(event_types)},\n"objectTypes":{_types(object_types)}}}\n'


def _listed(every: Iterable[Told]) -> Iterator[str]:
    for place, each in enumerate(every):
        yield f"{',' if place else ''}\n{orjson.dumps(each).decode()}"


def _noted(every: Iterable[Told], types: Attributes) -> Iterator[Told]:
    for each in every:
        types[each["type"]] |= {attribute["name"] for attribute in each["attributes"]}
        yield each


def _types(types: Attributes) -> str:
    told = [
        {"name": name, "attributes": [{"name": each, "type": "string"} for each in sorted(attributes)]}
        for name, attributes in sorted(types.items())
    ]
    return orjson.dumps(told).decode()


def ocel_xml_pieces(db: Connection, chosen: Chosen) -> Iterator[str]:
    """The log as XML, piece by piece: types first, as its schema has them, so all else waits until they are known."""
    event_types: Attributes = defaultdict(set)
    object_types: Attributes = defaultdict(set)
    with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="\n") as body:
        body.write("<objects>\n")
        for each in _noted(map(_fit, told_objects(db, chosen)), object_types):
            body.write(_element("object", each, _named("id", "type")))
        body.write("</objects>\n<events>\n")
        for each in _noted(map(_fit, told_events(db, chosen)), event_types):
            body.write(_element("event", each, _named("id", "type", "time")))
        body.write("</events>\n</log>\n")
        body.seek(0)
        yield '<?xml version="1.0" encoding="UTF-8"?>\n<log>\n'
        yield from _type_lines("object", object_types)
        yield from _type_lines("event", event_types)
        yield from body


def _fit(told: Told) -> Told:
    """With what XML cannot hold written as \\u001f: in all its values, beside a mark, and in the name of its type.

    An empty value is left out: readers take an element without text for the word None.
    """
    values = [each for each in told["attributes"] if each["value"]]
    if not all(is_fit(each["name"]) and is_fit(each["value"]) for each in values):
        values = [{**each, "name": escaped(each["name"]), "value": escaped(each["value"])} for each in values]
        values.append({**values[0], "name": ESCAPED, "value": "true"})
    kind = told["type"] if is_fit(told["type"]) else escaped(told["type"])
    return {**told, "type": kind, "attributes": values}


def _named(*names: str) -> Mapping[str, str]:
    return {name: name for name in names}


def _element(tag: str, told: Told, pairs: Mapping[str, str]) -> str:
    values = "".join(
        f"<attribute{_pairs(each, {'name': 'name', 'time': 'time'})}>{xml_text(each['value'])}</attribute>"
        for each in told["attributes"]
    )
    related = "".join(
        f"<relationship{_pairs(each, {'objectId': 'object-id', 'qualifier': 'qualifier'})}/>"
        for each in told["relationships"]
    )
    parts = f"<attributes>{values}</attributes><objects>{related}</objects>"
    return f"<{tag}{_pairs(told, pairs)}>{parts}</{tag}>\n"


def _pairs(told: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return "".join(f' {name}="{xml_text(told[key])}"' for key, name in names.items() if key in told)


def _type_lines(tag: str, types: Attributes) -> Iterator[str]:
    yield f"<{tag}-types>\n"
    for name, attributes in sorted(types.items()):
        told = "".join(f'<attribute name="{xml_text(each)}" type="string"/>' for each in sorted(attributes))
        yield f'<{tag}-type name="{xml_text(name)}"><attributes>{told}</attributes></{tag}-type>\n'
    yield f"</{tag}-types>\n"
