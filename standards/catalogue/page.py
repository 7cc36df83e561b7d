"""The catalogue as a page of Markdown, so that what can be named can also be looked up."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from standards.catalogue import COLLECTIONS, ENTITIES, HAPPENINGS, RECORDABLE, SUBJECTS
from standards.catalogue.values import Entity, Field, FieldType

_HEAD = """\
# Fields, lists and happenings

Whatever a process, a letter, a standard or an import mapping names stands here. A test compares this page with the
catalogue (`standards/catalogue`); write it anew with `python -m standards.catalogue.page > docs/fields.md`.

A process sees the fields of what its subject reaches, and of the case. *Personal* fields are not shown to everybody and
can be erased. *Can be set* means by a step with `set`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_subjects(), *_lists(), *_happenings(), *_next_term(), *_fields()])


def _subjects() -> Iterator[str]:
    yield "## Subjects\n"
    yield "| subject | sees the fields of | cycles, the usual one first |"
    yield "|---|---|---|"
    for subject in SUBJECTS.values():
        seen = ", ".join(f"`{entity}`" for entity in subject.reaches)
        cycles = ", ".join(f"`{cycle}`" for cycle in subject.cycles)
        yield f"| `{subject.type}` | {seen}, `case` | {cycles} |"
    yield ""


def _lists() -> Iterator[str]:
    yield "## Lists\n"
    yield "For `for each`. A process can be started for each member only where the last column names a subject.\n"
    yield "| list | what it holds | each is a |"
    yield "|---|---|---|"
    for collection in COLLECTIONS.values():
        member = f"`{collection.member}`" if collection.member else ""
        yield f"| `{collection.path}` | {collection.labels['en']} | {member} |"
    yield ""


def _happenings() -> Iterator[str]:
    yield "## Happenings\n"
    yield "A house may report its own as `custom.` and a word, about any subject.\n"
    yield "| happening | what befell | whom |"
    yield "|---|---|---|"
    for kind in HAPPENINGS.values():
        subjects = ", ".join(f"`{subject}`" for subject in kind.subjects) or "the subject of the case it is about"
        yield f"| `{kind.kind}` | {kind.labels['en']} | {subjects} |"
    yield ""


def _next_term() -> Iterator[str]:
    yield "## What a next term can be given\n"
    yield ", ".join(f"`{name}` ({kind.value})" for name, kind in RECORDABLE.items()) + "\n"


def _fields() -> Iterator[str]:
    yield "## Fields\n"
    for entity in ENTITIES.values():
        yield from _entity(entity)


def _entity(entity: Entity) -> Iterator[str]:
    yield f"### {entity.name} ({', '.join(entity.labels.values())})\n"
    yield "| field | type | English | Lithuanian | Spanish | |"
    yield "|---|---|---|---|---|---|"
    for field in entity.fields:
        labels = " | ".join(field.labels.values())
        yield f"| `{field.path}` | {_type(field)} | {labels} | {_remarks(field)} |"
    yield ""


def _type(field: Field) -> str:
    words = {FieldType.YES_NO: "yes or no", FieldType.CODES: "several codes"}
    return words.get(field.type, field.type.value)


def _remarks(field: Field) -> str:
    remarks = []
    if field.codes:
        remarks.append(", ".join(f"`{code}`" for code in field.codes))
    elif field.code_list:
        remarks.append(f"list `{field.code_list}`")
    if field.is_personal:
        remarks.append("personal")
    if field.is_settable:
        remarks.append("can be set")
    return "; ".join(remarks)


if __name__ == "__main__":
    sys.stdout.write(page())
