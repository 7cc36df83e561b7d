"""Reading what a step asks for, and the case's fields that the answers become."""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import did_you_mean
from standards.catalogue import Field, FieldType, labels_of
from standards.lists import code_of, is_code
from standards.notebook import Notebook, described
from standards.parsing.keys import QUESTION
from standards.process import AnswerType, Question
from standards.reading import Listing, Mapping, Node, Scalar

FIELD_TYPES: dict[AnswerType, FieldType] = {
    AnswerType.TEXT: FieldType.TEXT,
    AnswerType.NUMBER: FieldType.NUMBER,
    AnswerType.MONEY: FieldType.MONEY,
    AnswerType.DATE: FieldType.DATE,
    AnswerType.YES_NO: FieldType.YES_NO,
    AnswerType.CODE: FieldType.CODE,
    AnswerType.CODES: FieldType.CODES,
}
"""What kind of field an answer becomes."""

_TAKEN = ("owner", "started_at")
_BY_WORDS = {
    "text": AnswerType.TEXT,
    "number": AnswerType.NUMBER,
    "money": AnswerType.MONEY,
    "date": AnswerType.DATE,
    "yes or no": AnswerType.YES_NO,
}


def parse_questions(book: Notebook, node: Node, what: str) -> tuple[Question, ...]:
    """The questions under `ask`, in the order written."""
    written = book.mapping(node, what)
    if written is None:
        return ()
    read = [_question(book, name, each, written.lines[name]) for name, each in written.entries.items()]
    return tuple(question for question in read if question is not None)


def _question(book: Notebook, written: str, node: Node, line: int) -> Question | None:
    name = book.as_code(written, line, "the answer")
    if name is None:
        return None
    if name in _TAKEN:
        book.note(line, f"the answer {written!r} would hide case.{name}. Give it another name.")
        return None
    if isinstance(node, Listing):
        return _choice(book, name, node, AnswerType.CODE, optional=False)
    if isinstance(node, Mapping):
        return _described_question(book, name, node)
    return _typed(book, name, node)


def _typed(book: Notebook, name: str, node: Scalar) -> Question | None:
    words = " ".join(node.text.split())
    kind, _, after = words.partition(", ")
    if kind not in _BY_WORDS or after not in {"", "optional"}:
        hint = did_you_mean(kind, _BY_WORDS) or "."
        known = ", ".join(_BY_WORDS)
        book.note(node, f"case.{name} cannot be {words!r}{hint} Known: {known}; or list the choices.")
        return None
    return Question(name=name, type=_BY_WORDS[kind], optional=bool(after), line=node.line)


def _described_question(book: Notebook, name: str, node: Mapping) -> Question | None:
    book.unknown_keys(node, f"the question {name!r}", QUESTION)
    optional = bool("optional" in node.entries and book.yes_or_no(node.entries["optional"], f"{name} optional"))
    given = [key for key in ("type", "one of", "any of") if key in node.entries]
    if len(given) != 1:
        book.note(node, f"the question {name!r} needs exactly one of type, one of and any of.")
        return None
    answer = node.entries[given[0]]
    if given[0] == "type":
        return _with_type(book, name, answer, optional=optional)
    return _choice(book, name, answer, AnswerType.CODE if given[0] == "one of" else AnswerType.CODES, optional=optional)


def _with_type(book: Notebook, name: str, node: Node, *, optional: bool) -> Question | None:
    kind = book.one_of(node, f"the type of {name}", _BY_WORDS)
    if kind is None or kind not in _BY_WORDS:
        return None
    return Question(name=name, type=_BY_WORDS[kind], optional=optional, line=node.line)


def _choice(book: Notebook, name: str, node: Node, kind: AnswerType, *, optional: bool) -> Question | None:
    if isinstance(node, Scalar):
        code_list = book.code(node, f"the list of {name}")
        if code_list is None:
            return None
        return Question(name=name, type=kind, code_list=code_list, optional=optional, line=node.line)
    if not isinstance(node, Listing) or not node.items:
        book.note(node, f"the choices of {name} must be a list of codes or the name of a list, not {described(node)}.")
        return None
    codes = [book.code(item, f"a choice of {name}") for item in node.items]
    choices = tuple(dict.fromkeys(code for code in codes if code is not None))
    if len(choices) < len(codes) and None not in codes:
        book.note(node, f"the choices of {name} list the same code twice. Keep one of them.")
    return Question(name=name, type=kind, choices=choices, optional=optional, line=node.line)


def answer_fields(root: Node) -> dict[str, Field]:
    """The `case.*` fields of all questions in a file, whatever else is wrong with it; of two types the first counts."""
    silent = Notebook(file="")
    found: dict[str, Field] = {}
    for node in _asked(root):
        for question in parse_questions(silent, node, "ask"):
            path = f"case.{question.name}"
            found[path] = _field(path, question, found.get(path))
    return found


def _asked(node: Node) -> Iterator[Node]:
    children = node.items if isinstance(node, Listing) else node.entries.values() if isinstance(node, Mapping) else ()
    if isinstance(node, Mapping) and isinstance(node.entries.get("ask"), Mapping):
        yield node.entries["ask"]
    for child in children:
        yield from _asked(child)


def _field(path: str, question: Question, before: Field | None) -> Field:
    words = question.name.replace("_", " ")
    choices = tuple(dict.fromkeys((*(before.codes if before else ()), *question.choices)))
    return Field(
        path=path,
        type=before.type if before else FIELD_TYPES[question.type],
        labels=labels_of(words, words, words),
        codes=choices,
        code_list=question.code_list or code_of(question.name),
    )


def is_answer(path: str) -> bool:
    """Whether a path can be an answer of a case."""
    entity, _, name = path.partition(".")
    return entity == "case" and is_code(name) and name not in _TAKEN
