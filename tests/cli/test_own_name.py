"""How taktas tells people to call it again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cli.demo_telling import own_name


def test_a_command_to_try_works_where_the_reader_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the checkout by its place in it, from elsewhere by its whole path, by its name where that is enough."""
    folder = Path(sys.executable).parent

    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(folder.parent)
    near = own_name()
    monkeypatch.chdir("/")
    far = own_name()
    monkeypatch.setenv("PATH", str(folder))

    assert near == f"{folder.name}/taktas"
    assert (Path("/") / far).samefile(folder / "taktas")
    assert own_name() == "taktas"
