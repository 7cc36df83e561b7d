"""Every setting of the product: a TAKTAS_* environment variable with a default that works."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import UsageError

PREFIX = "TAKTAS_"
LANGUAGES = ("en", "lt", "es")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never shown by accident."""

    value: str = field(repr=False)


def _text(written: str) -> str:
    return written


def _matching(pattern: str, form: str) -> Callable[[str], str]:
    def read(written: str) -> str:
        if not re.fullmatch(pattern, written):
            raise ValueError(form)
        return written

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    return _matching("|".join(choices), f"one of {', '.join(choices)}")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        if not (written.isascii() and written.isdigit() and least <= int(written) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(written)

    return read


def _database_url(written: str) -> str:
    """SQLAlchemy 2.1 reads a bare postgresql:// as psycopg 3; this house uses psycopg2."""
    for prefix in ("postgresql://", "postgres://"):
        if written.startswith(prefix):
            return "postgresql+psycopg2://" + written.removeprefix(prefix)
    return written


def _data_dir() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "taktas"


def _setting(default: Any, what: str, read: Callable[[str], Any] = _text) -> Any:
    facts = {"what": what, "read": read}
    return (
        field(default_factory=default, metadata=facts) if callable(default) else field(default=default, metadata=facts)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read once per process from the environment; `taktas config` lists them all."""

    data_dir: Path = _setting(_data_dir, "Where the embedded database, letters and logs live.", Path)
    database_url: str | None = _setting(
        None, "A PostgreSQL of your own (15 or newer); empty means the embedded one.", _database_url
    )
    house: str = _setting(
        "house",
        "Name of the house: its database inside the embedded server.",
        _matching(r"[a-z][a-z0-9_]{0,40}", "a small letter, then small letters, digits and _, at most 41 in all"),
    )
    user: str | None = _setting(None, "Who you are on the command line (login or e-mail), when --as is not given.")
    language: str = _setting("en", "Language of titles and labels: en, lt or es.", _one_of(*LANGUAGES))
    zone: str = _setting("Europe/Vilnius", "Time zone of the house: schedules, report days and shown moments.")
    country: str = _setting(
        "LT",
        "Country of the house's public holidays (ISO 3166).",
        _matching("[A-Z]{2}", "two capital letters, such as LT"),
    )
    currency: str = _setting(
        "EUR",
        "Currency where a file names none (ISO 4217).",
        _matching("[A-Z]{3}", "three capital letters, such as EUR"),
    )
    workers: int = _setting(
        2, "How many processes share the shards of one run, or a sending of many letters.", _whole(1, 64)
    )
    smtp_host: str | None = _setting(None, "Mail server; empty means messages are written as .eml files.")
    smtp_port: int = _setting(587, "Port of the mail server.", _whole(1, 65535))
    smtp_user: str | None = _setting(None, "Login at the mail server.")
    smtp_password: Secret | None = _setting(None, "Password at the mail server.", Secret)
    smtp_security: str = _setting(
        "auto",
        "How the line to the mail server is encrypted: auto (TLS on port 465, else STARTTLS where it is offered), "
        "starttls (required), tls or none.",
        _one_of("auto", "starttls", "tls", "none"),
    )
    smtp_ca: Path | None = _setting(None, "File of certificates to trust beside the machine's own (PEM).", Path)
    smtp_connections: int = _setting(10, "Connections to the mail server at the same time, at most.", _whole(1, 50))
    smtp_messages: int = _setting(100, "Messages over one connection before it is renewed.", _whole(1, 100_000))
    smtp_patience: int = _setting(300, "Seconds the mail server may take over one step, at most.", _whole(1, 300))
    smtp_patience_for_dot: int = _setting(
        600, "Seconds the mail server may take to answer the end of a message.", _whole(1, 3600)
    )
    send_lease: int = _setting(
        120, "Seconds a sender may be silent before its messages are taken from it.", _whole(1, 3600)
    )
    mail_from: str = _setting("taktas@localhost", "Sender address of what leaves the house.")
    mail_bounces: str | None = _setting(
        None,
        "Mailbox address for what comes back, such as bounce@example.lt: each message gets bounce+…@example.lt as its "
        "own; empty means the sender address.",
    )
    bounce_mailbox: Path | None = _setting(None, "Folder (Maildir) or file (mbox) where bounces arrive.", Path)
    log_level: str = _setting("WARNING", "DEBUG, INFO, WARNING or ERROR.", _one_of("DEBUG", "INFO", "WARNING", "ERROR"))


def described() -> dict[str, str]:
    """Each setting and the sentence on what it is for, in the order of declaration."""
    return {setting.name: setting.metadata["what"] for setting in fields(Settings)}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings as the environment has them; an empty variable is as good as none. Raises: UsageError."""
    given = {}
    for setting in fields(Settings):
        variable = PREFIX + setting.name.upper()
        written = environment.get(variable, "").strip()
        if written:
            given[setting.name] = _read(variable, written, setting.metadata["read"])
    return Settings(**given)


def _read(variable: str, written: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(written)
    except ValueError as error:
        raise UsageError(f"The setting {variable} is {written!r}. Write {error}.") from None


@cache
def settings() -> Settings:
    """The settings of this process."""
    return read_settings(os.environ)
