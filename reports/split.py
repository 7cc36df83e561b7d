"""What a report without a period is asked: by which dimensions, of which work, whose."""

from __future__ import annotations

from dataclasses import dataclass

from reports.dimension import By


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`only` narrows to some of the work, `only_words` as it was asked; `employee_ids` None is the whole house."""

    by: tuple[By, ...] = ()
    only: tuple[tuple[By, object], ...] = ()
    only_words: str = ""
    employee_ids: tuple[int, ...] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.employee_ids is None and not self.only
