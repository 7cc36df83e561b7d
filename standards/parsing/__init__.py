"""Reading a process file: from YAML to the values of standards.process, noting every problem on the way."""

from __future__ import annotations

from core.errors import did_you_mean
from standards import catalogue
from standards.catalogue import FIELDS, REPEATING, SUBJECTS
from standards.notebook import listed, with_article
from standards.parsing.keys import HEARD_BY_CASE, PROCESS
from standards.parsing.page import Page
from standards.parsing.questions import answer_fields
from standards.parsing.routes import parse_routes
from standards.parsing.starts import parse_ends, parse_starts
from standards.parsing.steps import parse_steps
from standards.parsing.triggers import parse_heard
from standards.problem import DefinitionsNotValid, Problem
from standards.process import Process, Step
from standards.reading import Mapping, Node, head_comment, read_yaml

__all__ = ["parse_process", "process_of"]


def parse_process(source: str | bytes, file: str) -> tuple[Process | None, list[Problem]]:
    """The process of a file as far as it can be read, and what is wrong with the way it is written.

    What only shows when the steps are seen together (standards.checking) is not told here. Never raises.
    """
    root, problems = read_yaml(source, file)
    page = Page(file=file, problems=problems)
    if root is None:
        return None, problems
    written = page.mapping(root, "a process")
    if written is None:
        return None, problems
    page.unknown_keys(written, "a process", PROCESS)
    page.subject = _subject(page, written)
    page.fields = _fields(page.subject) | answer_fields(written)
    text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
    return _process(page, written, head_comment(text)), page.problems


def process_of(source: str, file: str = "the stored definition") -> Process:
    """A process that was checked before, such as a published one. Raises: DefinitionsNotValid."""
    process, problems = parse_process(source, file)
    if process is None or problems:
        raise DefinitionsNotValid(problems)
    return process


def _subject(page: Page, node: Mapping) -> str:
    subject = page.named(node, "subject", "", page.code) or ""
    if subject and subject not in SUBJECTS:
        hint = did_you_mean(subject, SUBJECTS) or "."
        line = node.lines["subject"]
        page.note(line, f"no case can be about a {subject!r}{hint} Known: {', '.join(SUBJECTS)}.")
    return subject


def _fields(subject: str) -> dict[str, catalogue.Field]:
    return catalogue.fields_of(subject) if subject in SUBJECTS else dict(FIELDS)


def _process(page: Page, node: Mapping, about: str) -> Process:
    entries = node.entries
    steps = _required(page, node, "steps")
    ends = _required(page, node, "ends")
    start = _required(page, node, "start")
    title = _required(page, node, "title")
    read_steps = parse_steps(page, steps) if steps is not None else {}
    return Process(
        name=page.named(node, "process", "", page.code) or "",
        title=page.title(title, "the title") if title is not None else {},
        subject=page.subject,
        cycle=_cycle(page, entries.get("cycle")),
        starts=parse_starts(page, start) if start is not None else (),
        begin=_begin(page, entries.get("begin"), read_steps),
        steps=read_steps,
        on=parse_heard(page, entries["on"], "on", HEARD_BY_CASE) if "on" in entries else (),
        ends=parse_ends(page, ends) if ends is not None else {},
        assign=parse_routes(page, entries["assign"]) if "assign" in entries else (),
        about=about,
        file=page.file,
    )


def _required(page: Page, node: Mapping, key: str) -> Node | None:
    if key not in node.entries:
        page.note(node, f"the process says no {key!r}. Add it.")
    return node.entries.get(key)


def _cycle(page: Page, node: Node | None) -> str:
    subject = SUBJECTS.get(page.subject)
    known = subject.cycles if subject else (*SUBJECTS, "campaign", *REPEATING)
    if node is None:
        return known[0]
    return page.one_of(node, f"the cycle of a process about {with_article(page.subject)}", known) or known[0]


def _begin(page: Page, node: Node | None, steps: dict[str, Step]) -> tuple[str, ...]:
    if node is None:
        return tuple(steps)[:1]
    names = [page.code(item, "begin") for item in listed(node)]
    return tuple(dict.fromkeys(name for name in names if name is not None))
