"""Messages as files, where no mail server is set: each an .eml that any mail program opens."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from core.settings import settings
from notifications.carrier import Answer, CarrierDown, Parcel
from notifications.states import Outcome


class FileCarrier:
    """Writes into the data directory, by house and day; the same message always into the same file."""

    def __init__(self, folder: Path | None = None) -> None:
        """By default `outbox/<house>` in the data directory."""
        self.folder = folder or settings().data_dir / "outbox" / settings().house
        self.name = "a file"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing stays open."""

    def carry(self, parcel: Parcel, mark: Callable[[], bool]) -> Answer:
        """Write the file whole, then give it its name. Raises: CarrierDown when the disk refuses."""
        file = self.file_of(parcel)
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # people's letters lie below
            file.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as writing:
                writing.write(parcel.content)
                writing.flush()
                os.fsync(writing.fileno())
            if not mark():
                beside.unlink(missing_ok=True)
                return Answer(outcome=None)
            beside.replace(file)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise CarrierDown(
                f"Messages cannot be written to {self.folder}: {error.strerror}. Make room or set TAKTAS_DATA_DIR."
            ) from error
        return Answer(outcome=Outcome.SENT, words=f"written to {file}")

    def file_of(self, parcel: Parcel) -> Path:
        """Named by its day and Message-ID."""
        name = parcel.message_id.strip("<>").partition("@")[0]
        return self.folder / f"{parcel.written_at:%Y-%m-%d}" / f"{name}.eml"
