"""Our own Prefect server: whoever starts one is answered by that one."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.prefect_server import launch


def test_two_houses_that_start_at_once_get_a_server_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is not answered by the first: its port is its own long before it answers."""
    monkeypatch.setattr("flows.prefect_server.home", lambda: tmp_path)

    first, second = launch(), launch()
    first.stop()
    second.stop()

    assert first.port != second.port
