"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The folder of a real data set by name; the test is skipped, with the reason, where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    base = Path(os.environ.get("TAKTAS_TEST_DATA", str(beside)))

    def folder(name: str) -> Path:
        found = base / name
        if not found.is_dir():
            pytest.skip(f"real data set {name!r} is not on this machine (set TAKTAS_TEST_DATA)")
        return found

    return folder
