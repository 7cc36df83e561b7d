"""Every setting of the product: a TAKTAS_* environment variable with a default that works."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "taktas"


class Settings(BaseSettings):
    """Read once per process from the environment; `taktas config` lists them all."""

    model_config = SettingsConfigDict(env_prefix="TAKTAS_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=_default_data_dir, description="Where the embedded database, letters and logs live."
    )
    database_url: Annotated[
        str | None, Field(description="A PostgreSQL of your own (15 or newer); empty means the embedded one.")
    ] = None
    house: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,40}$", description="Name of the house: its database inside the embedded server."
        ),
    ] = "house"
    user: Annotated[
        str | None, Field(description="Who you are on the command line (login or e-mail), when --as is not given.")
    ] = None
    language: Annotated[str, Field(description="Language of titles and labels: en, lt or es.")] = "en"
    zone: Annotated[str, Field(description="Time zone of the house: schedules, report days and shown moments.")] = (
        "Europe/Vilnius"
    )
    country: Annotated[str, Field(description="Country of the house's public holidays (ISO 3166).")] = "LT"
    currency: Annotated[
        str, Field(min_length=3, max_length=3, description="Currency where a file names none (ISO 4217).")
    ] = "EUR"
    workers: Annotated[int, Field(ge=1, le=64, description="How many processes share the shards of one run.")] = 2
    smtp_host: Annotated[
        str | None, Field(description="Mail server; empty means messages are written as .eml files.")
    ] = None
    smtp_port: Annotated[int, Field(ge=1, le=65535, description="Port of the mail server.")] = 587
    smtp_user: Annotated[str | None, Field(description="Login at the mail server.")] = None
    smtp_password: Annotated[SecretStr | None, Field(description="Password at the mail server.")] = None
    mail_from: Annotated[str, Field(description="Sender address of what leaves the house.")] = "taktas@localhost"
    log_level: Annotated[str, Field(description="DEBUG, INFO, WARNING or ERROR.")] = "WARNING"

    @field_validator("database_url")
    @classmethod
    def _name_the_driver(cls, url: str | None) -> str | None:
        """SQLAlchemy 2.1 reads a bare postgresql:// as psycopg 3; this house uses psycopg2."""
        for prefix in ("postgresql://", "postgres://"):
            if url and url.startswith(prefix):
                return "postgresql+psycopg2://" + url.removeprefix(prefix)
        return url or None


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
