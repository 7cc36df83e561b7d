"""Reading one template of a letter: what its language allows, and which fields it uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from core.errors import did_you_mean
from standards.letters.letter import UsedFields

LARGEST = 64_000
"""Characters a template may have."""

DEEPEST = 20
"""Levels a template may be nested."""

ALLOWED_FILTERS: Mapping[str, tuple[int, int]] = {
    "capitalize": (0, 0),
    "date": (0, 1),
    "default": (1, 1),
    "label": (1, 1),
    "length": (0, 0),
    "lower": (0, 0),
    "money": (1, 1),
    "number": (0, 0),
    "upper": (0, 0),
}
"""Filter -> least and most arguments."""

ALLOWED_TESTS = frozenset({"defined", "undefined"})
LOOP_FACTS = frozenset({"first", "last", "index"})

_ALLOWED_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.For,
    nodes.Filter,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.List,
    nodes.Tuple,
)
_WORDS: Mapping[str, str] = {
    "Call": "a call such as range(9)",
    "Getitem": "square brackets; write fields as policy.number",
    "Assign": "set",
    "AssignBlock": "set",
    "Concat": "~; write both values one after the other",
    "FromImport": "import",
    "CallBlock": "call",
    "FilterBlock": "filter blocks",
} | dict.fromkeys(
    ("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow"), "arithmetic; have the fact brought in as it is"
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")

PARSER = SandboxedEnvironment()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong in a template, and on which of its lines."""

    line: int
    message: str


@dataclass(slots=True)
class _Reader:
    """Walks the syntax tree once; collects fields and findings."""

    fields: set[str] = field(default_factory=set)
    lists: dict[str, set[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def walk(self, node: nodes.Node, loops: Mapping[str, str], depth: int) -> None:
        """Look at a node and what lies under it; `loops` maps a loop's name to the path of its list."""
        if depth > DEEPEST:
            self._find(node, f"it is nested more than {DEEPEST} levels deep. Make it flatter")
        elif not isinstance(node, _ALLOWED_NODES):
            word = type(node).__name__
            self._find(node, f"a letter cannot use {_WORDS.get(word, word.lower())}")
        elif isinstance(node, nodes.For):
            self._loop(node, loops, depth)
        elif isinstance(node, nodes.Getattr | nodes.Name):
            self._field(node, loops)
        else:
            self._filter_or_test(node)
            for child in node.iter_child_nodes():
                self.walk(child, loops, depth + 1)

    def _loop(self, node: nodes.For, loops: Mapping[str, str], depth: int) -> None:
        path = _path(node.iter)
        if loops:
            self._find(node, "a loop stands inside a loop. A letter may list one thing at a time")
        elif path is None or "." not in path:
            self._find(node, "a loop goes over something that is not a list. Write a list such as client.receivables")
        elif not isinstance(node.target, nodes.Name) or node.recursive:
            self._find(node, "a loop gives more than one name to its members. Use one")
        else:
            self.lists.setdefault(path, set())
            inside = {node.target.name: path}
            for child in (*node.body, *node.else_, *([node.test] if node.test else ())):
                self.walk(child, inside, depth + 1)

    def _field(self, node: nodes.Getattr | nodes.Name, loops: Mapping[str, str]) -> None:
        path = _path(node)
        root, _, rest = (path or "").partition(".")
        if not rest:
            self._find(
                node, f"{root or 'this'} alone is not a field. Write its path from the catalogue, such as policy.number"
            )
        elif root == "loop" and loops:
            if rest not in LOOP_FACTS:
                self._find(node, f"a loop has no {rest!r}; it has {', '.join(sorted(LOOP_FACTS))}")
        elif root in loops:
            self.lists[loops[root]].add(rest)
        else:
            self.fields.add(f"{root}.{rest}")

    def _filter_or_test(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Filter):
            self._filter(node)
        elif isinstance(node, nodes.Test) and node.name not in ALLOWED_TESTS:
            self._find(node, f"there is no test {node.name!r}{did_you_mean(node.name, ALLOWED_TESTS)}")

    def _filter(self, node: nodes.Filter) -> None:
        if node.name not in ALLOWED_FILTERS:
            known = ", ".join(ALLOWED_FILTERS)
            hint = did_you_mean(node.name, ALLOWED_FILTERS)
            self._find(node, f"there is no filter {node.name!r}{hint or '.'} Known: {known}")
            return
        least, most = ALLOWED_FILTERS[node.name]
        named = node.kwargs or node.dyn_args or node.dyn_kwargs
        if named or not least <= len(node.args) <= most:
            self._find(node, f"the filter {node.name} takes {_count(least, most)}")

    def _find(self, node: nodes.Node, message: str) -> None:
        self.findings.append(Finding(line=node.lineno, message=message))


def _count(least: int, most: int) -> str:
    if least == most:
        return f"{most} value" if most == 1 else "no value" if most == 0 else f"{most} values"
    return f"{least} or {most} values"


def _path(node: nodes.Node) -> str | None:
    """`policy.number` of a chain of attributes; None of anything else."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name):
        return None
    names.append(node.name)
    return ".".join(reversed(names)) if all(_NAME.fullmatch(name) for name in names) else None


def read_template(source: str) -> tuple[UsedFields, tuple[Finding, ...]]:
    """The fields a template uses, and everything in it that a letter may not use."""
    if len(source) > LARGEST:
        message = f"the template has {len(source)} characters; a letter may have {LARGEST}. Shorten it"
        return UsedFields(), (Finding(line=1, message=message),)
    try:
        tree = PARSER.parse(source)
    except TemplateSyntaxError as error:
        reason = (error.message or "").rstrip(".")
        return UsedFields(), (Finding(line=error.lineno, message=f"the template cannot be read: {reason}"),)
    except RecursionError:
        return UsedFields(), (
            Finding(line=1, message=f"it is nested more than {DEEPEST} levels deep. Make it flatter"),
        )
    reader = _Reader()
    reader.walk(tree, {}, 0)
    lists = {path: frozenset(names) for path, names in sorted(reader.lists.items())}
    return UsedFields(fields=frozenset(reader.fields - lists.keys()), lists=lists), tuple(reader.findings)
