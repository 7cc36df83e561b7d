"""Reading who gets a task: roles, teams by turn or by load, queues, and who did an earlier step."""

from __future__ import annotations

from core.errors import did_you_mean
from standards.catalogue import FieldType
from standards.notebook import described, listed
from standards.parsing.keys import ROUTE_QUEUE, ROUTE_SAME, ROUTE_TEAM
from standards.parsing.page import Page
from standards.process import Route, RouteKind
from standards.reading import Mapping, Node, Scalar

QUEUE = "queue"
_DEALT = {"turn": RouteKind.BY_TURN, "load": RouteKind.BY_LOAD}


def parse_routes(page: Page, node: Node) -> tuple[Route, ...]:
    """The ways of finding a person, in the order in which they are tried."""
    read = [_route(page, item) for item in listed(node)]
    if not read:
        page.note(node, "assign lists nobody. Name a role, a team or the queue.")
    return tuple(route for route in read if route is not None)


def _route(page: Page, node: Node) -> Route | None:
    if isinstance(node, Scalar):
        return _role(page, node)
    if isinstance(node, Mapping):
        return _described_route(page, node)
    page.note(node, f"assign needs a role, a team or the queue, not {described(node)}.")
    return None


def _role(page: Page, node: Scalar) -> Route | None:
    path = node.text.strip()
    if path == QUEUE:
        return Route(kind=RouteKind.QUEUE, line=node.line)
    known = page.field(path, node.line)
    if known is None:
        return None
    if known.type is not FieldType.PERSON:
        people = [each.path for each in page.fields.values() if each.type is FieldType.PERSON]
        hint = did_you_mean(path, people) or "."
        page.note(node, f"{path!r} is nobody who works here{hint} Known: {', '.join(people)}.")
        return None
    return Route(kind=RouteKind.ROLE, path=path, line=node.line)


def _described_route(page: Page, node: Mapping) -> Route | None:
    keys = set(node.entries)
    if "same as" in keys:
        page.unknown_keys(node, "same as", ROUTE_SAME)
        step = page.code(node.entries["same as"], "the step of same as")
        return Route(kind=RouteKind.SAME_AS, step=step, line=node.line) if step else None
    if QUEUE in keys:
        page.unknown_keys(node, "a queue", ROUTE_QUEUE)
        team = page.code(node.entries[QUEUE], "the team of the queue")
        return Route(kind=RouteKind.QUEUE, team=team, line=node.line) if team else None
    page.unknown_keys(node, "assign", (*ROUTE_TEAM, *ROUTE_QUEUE, *ROUTE_SAME))
    return _dealt(page, node)


def _dealt(page: Page, node: Mapping) -> Route | None:
    if "team" not in node.entries:
        page.note(node, "this route names no team. Write team: and the team's code, or queue for the house's queue.")
        return None
    team = page.code(node.entries["team"], "the team")
    if "by" not in node.entries:
        page.note(node, "this route does not say how the team shares the work. Add by: turn or by: load.")
        return None
    way = page.one_of(node.entries["by"], "by", _DEALT)
    return Route(kind=_DEALT[way], team=team, line=node.line) if team and way in _DEALT else None
