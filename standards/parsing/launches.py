"""Reading which other process is started, and for what."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import did_you_mean
from standards import catalogue
from standards.catalogue import SUBJECTS
from standards.notebook import listed, with_article
from standards.parsing.keys import LAUNCH
from standards.parsing.page import Page
from standards.process import Launch
from standards.reading import Mapping, Node


def parse_launches(page: Page, node: Node) -> tuple[Launch, ...]:
    """What an end starts: one process or several."""
    read = [parse_launch(page, item, LAUNCH) for item in listed(node)]
    return tuple(launch for launch in read if launch is not None)


def parse_launch(page: Page, node: Node, keys: Sequence[str]) -> Launch | None:
    """One process to start, for one subject or for each of a list."""
    written = page.mapping(node, "start")
    if written is None:
        return None
    page.unknown_keys(written, "start", keys)
    process = page.named(written, "process", "start", page.code)
    given = [key for key in ("for", "for each") if key in written.entries]
    if len(given) != 1:
        page.note(written, "start must say for what: exactly one of for and for each, such as for: term.")
        return None
    path = page.text(written.entries[given[0]], f"start {given[0]}")
    if process is None or path is None:
        return None
    single = given[0] == "for"
    _followed(page, written, path, single=single)
    return Launch(
        process=process, for_path=path if single else None, for_each=None if single else path, line=written.line
    )


def _followed(page: Page, node: Mapping, path: str, *, single: bool) -> None:
    if page.known_subject is None:
        return
    line = node.lines["for" if single else "for each"]
    if single:
        _single(page, path, line)
    else:
        parse_list_path(page, path, line, of_subjects=True)


def _single(page: Page, path: str, line: int) -> None:
    if catalogue.subject_along(page.subject, path) is not None:
        return
    reached = [each for each in SUBJECTS[page.subject].reaches if catalogue.subject_of_entity(each)]
    hint = did_you_mean(path, reached) or "."
    page.note(
        line, f"for: {path!r} cannot be followed from {with_article(page.subject)}{hint} Known: {', '.join(reached)}."
    )


def parse_list_path(page: Page, path: str, line: int, *, of_subjects: bool) -> None:
    """Note when a list cannot be followed; `of_subjects` refuses lists whose members no case can be about."""
    lists = catalogue.lists_of(page.subject) if page.known_subject else catalogue.COLLECTIONS
    known = [each.path for each in lists.values() if each.member or not of_subjects]
    if not of_subjects:
        codes = (each for each in page.fields.values() if each.type is catalogue.FieldType.CODES)
        known += [each.path for each in codes if each.entity == "case"]
    if path in known:
        return
    hint = did_you_mean(path, known) or "."
    page.note(
        line,
        f"for each: {path!r} is no list {with_article(page.subject)} has{hint} Known: {', '.join(known) or 'none'}.",
    )
