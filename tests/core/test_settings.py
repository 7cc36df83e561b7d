"""Settings come from the environment, each with a default that works."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.settings import Settings


@pytest.mark.parametrize("prefix", ["postgres://", "postgresql://", "postgresql+psycopg2://"])
def test_every_way_of_writing_a_database_address_names_our_driver(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    """SQLAlchemy would read a bare postgresql:// as another driver."""
    monkeypatch.setenv("TAKTAS_DATABASE_URL", f"{prefix}anna@localhost/house")

    url = Settings().database_url

    assert url == "postgresql+psycopg2://anna@localhost/house"


def test_an_empty_database_address_means_the_embedded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is as good as none."""
    monkeypatch.setenv("TAKTAS_DATABASE_URL", "")

    url = Settings().database_url

    assert url is None


def test_the_data_folder_follows_the_users_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting of ours, XDG_DATA_HOME says where data lives."""
    monkeypatch.delenv("TAKTAS_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")

    folder = Settings().data_dir

    assert str(folder) == "/somewhere/taktas"


@pytest.mark.parametrize("name", ["House", "drop table", "ü", ""])
def test_a_house_has_a_plain_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The name of the house becomes the name of a database."""
    monkeypatch.setenv("TAKTAS_HOUSE", name)

    with pytest.raises(ValidationError, match="house"):
        Settings()


def test_every_setting_says_what_it_is_for() -> None:
    """`taktas config` shows these sentences."""
    silent = [name for name, field in Settings.model_fields.items() if not field.description]

    assert silent == []
