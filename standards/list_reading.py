"""Reading the file of coded lists, with everything that is wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from standards.catalogue import LANGUAGES
from standards.lists import CodedList, Lists, is_code
from standards.problem import Problem
from standards.reading import Mapping, Node, Scalar


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Collects lists and problems."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def find(self, line: int, message: str) -> None:
        self.problems.append(Problem(file=self.file, line=line, message=message))

    def lists(self, root: Node | None) -> dict[str, CodedList]:
        if not isinstance(root, Mapping):
            self.find(
                1, "this is not a file of lists. Write the name of a list, and below it its codes with their labels."
            )
            return {}
        return {name: self._list(name, node, root.lines[name]) for name, node in root.entries.items()}

    def _list(self, name: str, node: Node, line: int) -> CodedList:
        self._check_code(name, line, "name of a list")
        labels: dict[str, dict[str, str]] = {}
        if not isinstance(node, Mapping):
            self.find(
                line, f"the list {name!r} has no codes. Write each code with its labels: {{en: …, lt: …, es: …}}."
            )
            return CodedList(name=name, labels=labels, line=line)
        for code, written in node.entries.items():
            self._check_code(code, node.lines[code], "code")
            labels[code] = self._labels(code, written, node.lines[code])
        return CodedList(name=name, labels=labels, line=line)

    def _check_code(self, code: str, line: int, what: str) -> None:
        if not is_code(code):
            self.find(
                line, f"{code!r} cannot be the {what}. Use small letters, digits and underscores, a letter first."
            )

    def _labels(self, code: str, node: Node, line: int) -> dict[str, str]:
        if isinstance(node, Scalar) and node.text.strip():
            return dict.fromkeys(LANGUAGES, node.text.strip())  # a proper name is the same in every language
        if not isinstance(node, Mapping):
            self.find(line, f"{code!r} has no label. Write {{en: …, lt: …, es: …}}.")
            return {}
        found: dict[str, str] = {}
        for language, label in node.entries.items():
            if language not in LANGUAGES:
                self.find(node.lines[language], f"{language!r} is no language of taktas. Use {', '.join(LANGUAGES)}.")
            elif not isinstance(label, Scalar) or not label.text.strip():
                self.find(node.lines[language], f"the label of {code!r} in {language!r} is empty. Write a word.")
            else:
                found[language] = label.text.strip()
        for language in (it for it in LANGUAGES if it not in node.entries):
            self.find(line, f"{code!r} has no label in {language!r}. Add one.")
        return found


def read_lists(root: Node | None, file: str) -> tuple[Lists, list[Problem]]:
    """The coded lists of the house, and what is wrong with them. A single label holds for every language."""
    reader = _Reader(file=file)
    return Lists(lists=reader.lists(root), file=file), reader.problems
