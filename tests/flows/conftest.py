"""One Prefect for the whole test run: its first start takes up to half a minute."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.place import environment


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Prefect at home in a folder of this test run, its server on this machine only, ended with the run."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            patch.delenv(name)
        for name, value in (environment() | {"PREFECT_HOME": str(home)}).items():
            patch.setenv(name, value)
        yield home
        _stop_server()


def _stop_server() -> None:
    """End the server Prefect started for us, once it has been told everything."""
    from prefect.logging.handlers import APILogHandler
    from prefect.server.api.server import SubprocessASGIServer

    APILogHandler().flush()
    SubprocessASGIServer().stop()
