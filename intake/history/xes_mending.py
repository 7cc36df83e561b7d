"""Cases of an XES log that did not go in, written as they were with their reasons: to be mended and imported again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from intake.history.log_case import LogCase
from intake.reading.mend_file import MendFileNotWritten
from tasks.record.log_attributes import Attribute, head_lines, trace_lines

REASON_KEY = "taktas:reason"
LINE_KEY = "taktas:line"


class XesMendFile:
    """Written beside its place while cases are read, and put there at the end; nothing is left when none came."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._beside = target.with_name(f".{target.name}.part")
        self._file: IO[str] | None = None

    def add(self, case: LogCase, header: Iterable[Mapping[str, Any]]) -> None:
        """One refused case, each reason beside what it is about. Raises: MendFileNotWritten."""
        reasons: dict[int, list[str]] = {}
        for line, reason in case.trouble:
            reasons.setdefault(line, []).append(reason)
        events = [[*event.attributes, *_told(event.line, reasons.pop(event.line, []))] for event in case.events]
        about = [line_reason for line, found in reasons.items() for line_reason in _told(line, found)]
        try:
            file = self._file or self._begin(header)
            file.writelines(trace_lines([*case.attributes, *about], events))
        except (OSError, UnicodeEncodeError) as error:
            raise self._not_written(error) from error

    def _begin(self, header: Iterable[Mapping[str, Any]]) -> IO[str]:
        self._file = self._beside.open("w", encoding="utf-8")
        self._file.writelines(head_lines(header))
        return self._file

    def finish(self) -> Path | None:
        """Where the refused cases are; None when there were none. Raises: MendFileNotWritten."""
        if self._file is None:
            return None
        try:
            self._file.write("</log>\n")
            self._file.close()
            self._beside.replace(self.target)
        except OSError as error:
            raise self._not_written(error) from error
        return self.target

    def drop(self) -> None:
        """Nothing was imported, so nothing is to be mended."""
        if self._file is not None:
            self._file.close()
            with suppress(OSError):
                self._beside.unlink()

    def _not_written(self, error: Exception) -> MendFileNotWritten:
        return MendFileNotWritten(
            f"The refused cases cannot be written to {self.target}: {error}. "
            "Nothing was imported. Say with --mend where they may be written."
        )


def _told(line: int, reasons: list[str]) -> list[Attribute]:
    if not reasons:
        return []
    return [["string", REASON_KEY, "; ".join(reasons)], ["int", LINE_KEY, str(line)]]
