"""The shipped texts for staff: one folder for each thing that happens, one below it for each language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.errors import TaktasError
from notifications.wording.writing import Content

TEMPLATES = Path(__file__).with_name("templates")
FALLBACK = "en"


class NoSuchTemplate(TaktasError):
    """A message names a text that was never written."""


def fill(template: str, language: str, facts: Mapping[str, Any]) -> Content:
    """The text of what happened, in that language, else in English. Raises: NoSuchTemplate, jinja2.UndefinedError."""
    chosen = language if (TEMPLATES / template / language).is_dir() else FALLBACK
    try:
        parts = [
            _environment(is_html=name.endswith(".html")).get_template(f"{template}/{chosen}/{name}").render(facts)
            for name in ("subject.txt", "body.txt", "body.html")
        ]
    except TemplateNotFound as error:
        raise NoSuchTemplate(
            f"There is no text for {template!r} ({error.name}). Install taktas anew: its texts are not complete."
        ) from error
    subject, text, html = parts
    return Content(subject=subject.strip(), text=text, html=html)


@cache
def _environment(*, is_html: bool) -> ImmutableSandboxedEnvironment:
    """A fact that is missing is an error; in HTML every fact is escaped."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=is_html,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
