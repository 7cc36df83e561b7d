"""When digests leave, as rows of `taktas standards show`, in the words of the file that declares it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from standards.service.digests import Digests


def digest_rows(declared: Digests, version: int | None = None) -> Iterator[dict[str, Any]]:
    """What holds, declared or usual: each key with its value."""
    for key, value in declared.written().items():
        slots = value if isinstance(value, list) else [value]
        yield {"kind": "digests", "name": f"{key}: {_listed([_slot(slot) for slot in slots])}", "version": version}


def _slot(written: str | Mapping[str, str]) -> str:
    if isinstance(written, str):
        return written
    return "{" + ", ".join(f"{name}: {value}" for name, value in written.items()) + "}"


def _listed(slots: list[str]) -> str:
    return slots[0] if len(slots) == 1 else f"[{', '.join(slots)}]"
