"""Checks of titles and letters: they use only fields the subject has, and reach only people who are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from core.errors import did_you_mean
from standards import catalogue
from standards.catalogue import COLLECTIONS
from standards.checking.flow import Flow
from standards.checking.surroundings import LetterFacts, Surroundings
from standards.merge import parse_merge
from standards.notebook import with_article
from standards.parsing.questions import is_answer
from standards.problem import Problem
from standards.process import Process, Step, StepKind

MEMBER = "member.name"
CONTACTS = "client.contacts"


def check_texts(flow: Flow, around: Surroundings) -> Iterator[Problem]:
    """All that is wrong with what is written to colleagues and clients."""
    process = flow.process
    if process.subject not in catalogue.SUBJECTS:
        return
    known = {*catalogue.fields_of(process.subject), *answers_of(process)}
    yield from _titles(process, process.title, 1, known, "the title of the process")
    for end in process.ends.values():
        yield from _titles(process, end.title, end.line, known, f"the title of {end.name}")
    carried = members_carried(flow)
    for step in process.steps.values():
        seen = known | ({MEMBER} if carried[step.name] else set())
        yield from _titles(process, step.title, step.line_of("title"), seen, f"the title of {step.name}")
        if step.kind is StepKind.SEND:
            yield from _receiver(process, step, carried[step.name])
            letter = (around.letters or {}).get(step.letter or "")
            if letter is not None:
                yield from _letter(process, step, letter, seen)


def answers_of(process: Process) -> Iterator[str]:
    """The fields that the answers of a case become."""
    for step in process.steps.values():
        for question in (*step.ask, *(each for transition in step.outcomes.values() for each in transition.ask)):
            yield f"case.{question.name}"


def members_carried(flow: Flow) -> dict[str, frozenset[str]]:
    """Step -> the lists whose member its tasks carry: from a for each on along next, until a step with after."""
    carried: dict[str, set[str]] = {name: set() for name in flow.steps}
    for name, step in flow.steps.items():
        if step.for_each is not None:
            for each in flow.carrying(name):
                carried[each].add(step.for_each.path)
    return {name: frozenset(paths) for name, paths in carried.items()}


def _problem(process: Process, line: int, message: str) -> Problem:
    return Problem(file=process.file, line=line, message=message)


def _titles(
    process: Process, titles: dict[str, str], line: int, known: Collection[str], what: str
) -> Iterator[Problem]:
    paths = dict.fromkeys(path for title in titles.values() for path in parse_merge(title).fields)
    yield from _unseen(process, paths, line, known, what)


def _unseen(process: Process, paths: Iterable[str], line: int, known: Collection[str], what: str) -> Iterator[Problem]:
    for path in paths:
        if path in known:
            continue
        if path == MEMBER:
            why = "it is not one of a list there. Use it under for each."
        elif is_answer(path):
            why = f"no step asks for it{did_you_mean(path, known) or '.'} Ask for it, or leave it out."
        elif path in catalogue.FIELDS:
            why = f"{with_article(process.subject)} does not have it{did_you_mean(path, known) or '.'} Leave it out."
        else:
            why = f"there is no such field{did_you_mean(path, known) or '.'} Take one from the catalogue."
        yield _problem(process, line, f"{what} uses {path}, but {why}")


def _receiver(process: Process, step: Step, carried: frozenset[str]) -> Iterator[Problem]:
    reached = catalogue.SUBJECTS[process.subject].reaches
    if step.letter_to == "contact":
        if CONTACTS not in carried:
            message = f"{step.name} writes to a contact, but stands under no for each: client.contacts."
            yield _problem(process, step.line_of("to"), f"{message} Write to the client, or for each contact.")
    elif step.letter_to not in reached:
        known = ", ".join(each for each in ("client", "policyholder", "payer") if each in reached) or "nobody"
        whose = with_article(process.subject)
        message = f"{step.name} writes to the {step.letter_to}, whom {whose} does not have. Known: {known}."
        yield _problem(process, step.line_of("to"), message)


def _letter(process: Process, step: Step, letter: LetterFacts, known: Collection[str]) -> Iterator[Problem]:
    what = f"the letter {step.letter}"
    yield from _unseen(process, sorted(letter.uses.fields), step.line_of("send"), known, what)
    lists = catalogue.lists_of(process.subject)
    for path, fields in sorted(letter.uses.lists.items()):
        if path not in lists:
            hint, whose = did_you_mean(path, lists) or ".", with_article(process.subject)
            yield _problem(process, step.line_of("send"), f"{what} lists {path}, which {whose} does not have{hint}")
            continue
        member = COLLECTIONS[path].member
        offered = [field.name for field in catalogue.FIELDS.values() if field.entity == member]
        for name in sorted(fields):
            if member is not None and name not in offered:
                hint = did_you_mean(name, offered) or "."
                yield _problem(
                    process, step.line_of("send"), f"{what} shows {name} of {path}, which they do not have{hint}"
                )
