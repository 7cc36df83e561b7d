"""The bar for what takes over a second: on a terminal somebody watches, and nowhere else."""

from __future__ import annotations

import ast
import sys
from io import StringIO
from pathlib import Path

import pytest

from cli.choices import choices, restored
from cli.progress import progress

CLI = Path(__file__).parents[2] / "cli"
TAKES_LONG = {
    "case_changes.py": {"move_cases", "preview"},
    "db_group.py": {"restore", "backup", "rebuild_holds"},
    "exceptions_command.py": {"list_exceptions"},
    "report_comparison.py": {"compare", "funnel"},
    "report_durations.py": {"durations_report"},
    "report_pace.py": {"pace", "load", "pace_chart"},
    "report_renewals.py": {"renewals_report", "campaign_report"},
    "report_showing.py": {"written"},
    "staff_commands.py": {"leave", "preview"},
    "standards_group.py": {"plan", "publish"},
}
"""Which calls of a front door may take over a second in a large house."""


class Terminal(StringIO):
    """Somebody watches it."""

    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_on_a_terminal_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is about and how far it is stand there while it lasts."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")

    with progress("Counting [sic]", total=2) as step:
        step(1)

    assert "Counting [sic]" in screen.getvalue()
    assert "\x1b[2K" in screen.getvalue()


@pytest.mark.parametrize("is_json", [True, False])
def test_machines_and_files_get_no_bar(monkeypatch: pytest.MonkeyPatch, is_json: bool) -> None:
    """Neither under --json, even on a terminal, nor where standard error is no terminal."""
    screen = Terminal() if is_json else StringIO()
    monkeypatch.setattr(sys, "stderr", screen)

    with restored():
        choices().is_json = is_json
        with progress("Counting") as step:
            step(1)

    assert screen.getvalue() == ""


@pytest.mark.parametrize("name", sorted(TAKES_LONG))
def test_whatever_may_take_long_stands_inside_a_bar(name: str) -> None:
    """Whoever watches sees that it goes on: no such call outside a `with progress(...)`."""
    tree = ast.parse((CLI / name).read_text(encoding="utf-8"))

    bare = sorted(called(tree) & TAKES_LONG[name])

    assert bare == []
    assert TAKES_LONG[name] <= {word for node in ast.walk(tree) if (word := _name(node))}


def called(node: ast.AST) -> set[str]:
    """The names of what is called below, except inside a bar."""
    if isinstance(node, ast.With) and any(_name(item.context_expr) == "progress" for item in node.items):
        return set()
    below = set().union(*map(called, ast.iter_child_nodes(node)))
    return below | {name for name in [_name(node)] if name}


def _name(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""
