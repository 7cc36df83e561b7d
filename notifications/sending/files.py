"""Messages as files, where no mail server is set: each an .eml that any mail program opens."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from core.settings import settings
from notifications.outbox.states import Outcome
from notifications.sending.carrier import Answer, CarrierDown, Keeper, Parcel, Settled, Supply

WRITTEN_TO = "written to "  # how the answer of a file begins


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

    def carry(self, supply: Supply, keeper: Keeper) -> None:
        """Write each file whole, then give it its name. Raises: CarrierDown when the disk refuses."""
        settled: list[Settled] = []
        try:
            while parcels := supply():
                settled = self._carry(parcels, settled, keeper)
        finally:
            keeper.keep([], settled)

    def _carry(self, parcels: Sequence[Parcel], settled: list[Settled], keeper: Keeper) -> list[Settled]:
        """One commit remembers what was written before, and that these are about to be."""
        try:
            for parcel in parcels:
                self._write(parcel)
        except OSError as error:
            self._clear_away(parcels)
            keeper.give_back(parcels)
            raise self._down(error) from error
        allowed = keeper.keep(parcels, settled)
        settled.clear()
        settled.extend((parcel, self._named(parcel)) for parcel in parcels if parcel.number in allowed)
        self._clear_away(parcels)
        return settled

    def _write(self, parcel: Parcel) -> None:
        beside = self._beside(parcel)
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # people's letters lie below
        beside.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as writing:
            writing.write(parcel.content)
            writing.flush()
            os.fsync(writing.fileno())

    def _named(self, parcel: Parcel) -> Answer:
        file = self.file_of(parcel)
        try:
            self._beside(parcel).replace(file)
        except OSError as error:
            return Answer(outcome=Outcome.RETRY, words=str(self._down(error)))
        return Answer(outcome=Outcome.SENT, words=f"{WRITTEN_TO}{file}")

    def _clear_away(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            with suppress(OSError):
                self._beside(parcel).unlink(missing_ok=True)

    def _down(self, error: OSError) -> CarrierDown:
        return CarrierDown(
            f"Messages cannot be written to {self.folder}: {error.strerror}. Make room or set TAKTAS_DATA_DIR."
        )

    def _beside(self, parcel: Parcel) -> Path:
        file = self.file_of(parcel)
        return file.with_name(f".{file.name}.{os.getpid()}")

    def file_of(self, parcel: Parcel) -> Path:
        """Named by its day and Message-ID."""
        name = parcel.message_id.strip("<>").partition("@")[0]
        return self.folder / f"{parcel.written_at:%Y-%m-%d}" / f"{name}.eml"
