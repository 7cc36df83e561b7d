"""Reading where parallel branches meet again."""

from __future__ import annotations

import re

from core.errors import did_you_mean
from standards.notebook import listed
from standards.parsing.keys import JOIN
from standards.parsing.page import Page
from standards.parsing.transitions import parse_move
from standards.process import Join
from standards.reading import Listing, Mapping, Node

_COUNTED = re.compile(r"(?P<count>\d{1,3}) of")


def parse_join(page: Page, node: Node, name: str) -> Join | None:
    """The branches a step waits for: all of them, any one, or so many of them."""
    if isinstance(node, Listing):
        return Join(steps=_steps(page, node, name), line=node.line)
    written = page.mapping(node, f"after of {name}")
    if written is None:
        return None
    ways = [key for key in written.entries if key in {"all of", "any of"} or _COUNTED.fullmatch(key)]
    _unknown_keys(page, written, name)
    if len(ways) != 1:
        page.note(
            written, f"after of {name} needs exactly one of all of, any of and a number such as 2 of.", tears=True
        )
        return None
    steps = _steps(page, written.entries[ways[0]], name)
    cancels = written.entries.get("cancel the rest")
    otherwise = written.entries.get("otherwise")
    return Join(
        steps=steps,
        count=_count(page, ways[0], steps, written, name),
        cancels_rest=cancels is not None and page.yes_or_no(cancels, "cancel the rest") is True,
        otherwise=parse_move(page, otherwise, f"otherwise of {name}") if otherwise is not None else None,
        line=written.line,
    )


def _unknown_keys(page: Page, node: Mapping, name: str) -> None:
    for key, line in node.lines.items():
        if key not in JOIN and not _COUNTED.fullmatch(key):
            hint = did_you_mean(key, JOIN) or "."
            page.note(
                line,
                f"after of {name} has no key {key!r}{hint} Known: all of, any of, a number such as 2 of, "
                "cancel the rest, otherwise.",
            )


def _steps(page: Page, node: Node, name: str) -> tuple[str, ...]:
    names = [page.code(item, f"after of {name}") for item in listed(node)]
    if not names:
        page.note(node, f"after of {name} lists no step. Name the branches it waits for.", tears=True)
    return tuple(dict.fromkeys(each for each in names if each is not None))


def _count(page: Page, way: str, steps: tuple[str, ...], node: Mapping, name: str) -> int | None:
    if way == "all of":
        return None
    if way == "any of":
        return 1
    count = int(way.partition(" ")[0])
    if count < 1:
        page.note(
            node.lines[way], f"after of {name} waits for {count} branches, so it waits for none. Write at least 1."
        )
        return 1
    return count
