"""Words of the command line as values, without loading a library for what needs none: that costs a fifth of a second.

Typer hands every value to pydantic, also those that were not given. What is not given, plain text, whole numbers and
paths are taken here; everything else, and every mistake, goes the usual way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

LONGEST_NUMBER = 18  # digits


class PlainValues:
    """Stands where Typer would build its way to turn one parameter's words into a value."""

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """The value of the parameter. Raises: typer's usage error for words that are none."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        wanted, facts = param.type_descriptor.annotation, param.type_descriptor.parameter_info
        if isinstance(wanted, type) and isinstance(value, wanted) and facts.parser is None:
            return value
        plain = _plain(value, wanted, facts) if isinstance(value, str) else None
        return self._usual(value, param, ctx) if plain is None else plain

    @staticmethod
    def _usual(value: Any, param: Any, ctx: Any) -> Any:
        from typer._coercion import build_runtime_param

        return build_runtime_param(param.type_descriptor).coerce(value, param=param, ctx=ctx)


def _plain(value: str, wanted: Any, facts: Any) -> Any:
    """The value where it is plain, else None."""
    if facts.parser is not None:
        return None
    is_number = value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER
    if wanted is int and facts.min is None and facts.max is None and is_number:
        return int(value)
    if wanted is Path and not (facts.exists or facts.resolve_path or facts.allow_dash or facts.path_type):
        return Path(value)
    return None


PLAIN_VALUES = PlainValues()
