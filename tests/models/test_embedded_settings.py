"""What the embedded server is told, by the size of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.embedded import settings
from models.embedded.settings import MEGABYTE, memory_of_machine, render, server_settings, shared_memory_of_machine


def told(memory: int, shared_memory: int | None = None) -> dict[str, str]:
    """The settings for so many megabytes."""
    return server_settings(
        memory=memory * MEGABYTE,
        shared_memory=None if shared_memory is None else shared_memory * MEGABYTE,
        socket_folder=Path("/run/x"),
    )


@pytest.mark.parametrize(("memory", "cache"), [(256, "64MB"), (2048, "256MB"), (8192, "1024MB"), (65536, "2048MB")])
def test_an_eighth_of_the_memory_is_its_cache(memory: int, cache: str) -> None:
    """Within limits, so that a small machine still starts it and a large one keeps room for the rest."""
    assert told(memory)["shared_buffers"] == cache


@pytest.mark.parametrize(("shared_memory", "kind"), [(64, "mmap"), (4096, "posix"), (None, "posix")])
def test_little_shared_memory_is_not_relied_on(shared_memory: int | None, kind: str) -> None:
    """Containers often have 64 MB of it, and a parallel query would fail."""
    assert told(2048, shared_memory)["dynamic_shared_memory_type"] == kind


def test_durability_is_not_for_sale() -> None:
    """Nothing in our settings touches what keeps committed work safe."""
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(told(2048))


def test_any_value_can_be_written() -> None:
    """Quotes and backslashes are doubled, as PostgreSQL reads them."""
    written = render({"name": "it's a \\ sign"})

    assert written.splitlines()[1] == "name = 'it''s a \\\\ sign'"


@pytest.mark.parametrize(("limit", "expected"), [("max\n", None), ("104857600\n", 100 * MEGABYTE), (None, None)])
def test_a_container_counts_as_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str | None, expected: int | None
) -> None:
    """Its limit is the memory there is; without a limit the machine's counts."""
    if limit is not None:
        (tmp_path / "limit").write_text(limit, encoding="ascii")
    monkeypatch.setattr(settings, "CONTAINER_LIMIT", tmp_path / "limit")

    found = memory_of_machine()

    assert found == expected if expected else found > 100 * MEGABYTE


def test_a_system_without_a_folder_for_shared_memory_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has none."""
    monkeypatch.setattr(settings, "SHARED_MEMORY", Path("/nowhere/shm"))

    assert shared_memory_of_machine() is None
