"""What is wrong with a written definition, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.errors import TaktasError


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong, at a line of a file; line 0 means the file as a whole.

    `tears` says that a way of the process is lost with it: what is told about ways there would be noise.
    `is_remark`: nothing is wrong, but the reader should know.
    """

    file: str
    line: int
    message: str
    tears: bool = field(default=False, compare=False, repr=False)
    is_remark: bool = field(default=False, compare=False, repr=False)

    def __str__(self) -> str:
        """As it is shown: `renewal.yaml:12: unknown step 'ofer'; did you mean offer?`."""
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class DefinitionsNotValid(TaktasError, ValueError):
    """Definitions have problems; all of them are told at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Tell every problem on a line of its own, in the order of the files."""
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        listed = "\n".join(str(problem) for problem in self.problems)
        count = len(self.problems)
        many = "is 1 problem" if count == 1 else f"are {count} problems"
        super().__init__(f"There {many} in the definitions. Mend what is listed and check again.\n{listed}")


def in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file and line."""
    return tuple(sorted(set(problems)))
