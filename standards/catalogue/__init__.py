"""The one catalogue of fields, subjects, lists and happenings: whatever a manager names must be found here."""

from __future__ import annotations

import re

from standards.catalogue.of_contracts import CONTRACTS, RECORDABLE
from standards.catalogue.of_dealings import DEALINGS
from standards.catalogue.of_people import PEOPLE
from standards.catalogue.of_subjects import COLLECTIONS, CUSTOM, HAPPENINGS, REPEATING, SUBJECTS
from standards.catalogue.values import (
    LANGUAGES,
    Collection,
    Entity,
    Field,
    FieldType,
    HappeningKind,
    Labels,
    Subject,
    labels_of,
)

__all__ = [
    "ANCHORS",
    "COLLECTIONS",
    "CUSTOM",
    "ENTITIES",
    "FIELDS",
    "HAPPENINGS",
    "LANGUAGES",
    "RECORDABLE",
    "REPEATING",
    "SUBJECTS",
    "Collection",
    "Entity",
    "Field",
    "FieldType",
    "HappeningKind",
    "Labels",
    "Subject",
    "fields_of",
    "hears",
    "is_happening",
    "labels_of",
    "lists_of",
    "step_of_anchor",
    "subject_along",
    "subject_of_entity",
]

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in (*CONTRACTS, *PEOPLE, *DEALINGS)}
FIELDS: dict[str, Field] = {field.path: field for entity in ENTITIES.values() for field in entity.fields}
ANCHORS: dict[str, Field] = {path: field for path, field in FIELDS.items() if field.type.is_anchor}

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_STEP_ANCHOR = re.compile(r"step (?P<step>.+) completed")


def fields_of(subject: str) -> dict[str, Field]:
    """Every field a process about this subject may use, those of its case included; not its own answers.

    Raises: KeyError for a subject that is none.
    """
    reached = {*SUBJECTS[subject].reaches, "case"}
    return {path: field for path, field in FIELDS.items() if field.entity in reached}


def lists_of(subject: str) -> dict[str, Collection]:
    """Every list a process about this subject can go through. Raises: KeyError for a subject that is none."""
    reached = SUBJECTS[subject].reaches
    return {path: collection for path, collection in COLLECTIONS.items() if collection.entity in reached}


def subject_of_entity(entity: str) -> str | None:
    """The type of subject an entity is (`policyholder` and `payer` are clients, `next_term` a term); None: none."""
    if entity == "next_term":
        return "term"
    return ENTITIES[entity].subject if entity in ENTITIES else None


def subject_along(subject: str, path: str) -> str | None:
    """The subject type a process about `subject` comes to by `for: path`; None when the path cannot be followed."""
    return subject_of_entity(path) if path in SUBJECTS[subject].reaches else None


def hears(subject: str, kind: str) -> bool:
    """Whether a case about this subject hears such happenings: its own, and those of whatever it reaches."""
    if kind.startswith(CUSTOM):
        return is_happening(kind)
    known = HAPPENINGS.get(kind)
    if known is None:
        return False
    reached = {subject_of_entity(entity) for entity in SUBJECTS[subject].reaches}
    return not known.subjects or bool(reached & set(known.subjects))


def is_happening(kind: str) -> bool:
    """Whether there is such a happening: one of the catalogue, or `custom.` and a word."""
    return kind in HAPPENINGS or (kind.startswith(CUSTOM) and _WORD.fullmatch(kind.removeprefix(CUSTOM)) is not None)


def step_of_anchor(anchor: str) -> str | None:
    """`call` for the anchor `step call completed`; None for an anchor that is a field."""
    match = _STEP_ANCHOR.fullmatch(anchor)
    return match["step"] if match else None
