"""Settings come from the environment, each with a default that works."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.settings import described, read_settings


@pytest.mark.parametrize("prefix", ["postgres://", "postgresql://", "postgresql+psycopg2://"])
def test_every_way_of_writing_a_database_address_names_our_driver(prefix: str) -> None:
    """SQLAlchemy would read a bare postgresql:// as another driver."""
    environment = {"TAKTAS_DATABASE_URL": f"{prefix}anna@localhost/house"}

    url = read_settings(environment).database_url

    assert url == "postgresql+psycopg2://anna@localhost/house"


def test_an_empty_variable_is_as_good_as_none() -> None:
    """An empty database address means the embedded one."""
    read = read_settings({"TAKTAS_DATABASE_URL": "", "TAKTAS_HOUSE": " "})

    assert (read.database_url, read.house) == (None, "house")


def test_the_data_folder_follows_the_users_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting of ours, XDG_DATA_HOME says where data lives."""
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")

    folder = read_settings({}).data_dir

    assert str(folder) == "/somewhere/taktas"


@pytest.mark.parametrize(
    ("variable", "written", "form"),
    [
        ("TAKTAS_HOUSE", "drop table", "a small letter, then small letters, digits and _, at most 41 in all"),
        ("TAKTAS_HOUSE", "Ünder", "a small letter, then small letters, digits and _, at most 41 in all"),
        ("TAKTAS_WORKERS", "0", "a whole number from 1 to 64"),
        ("TAKTAS_WORKERS", "many", "a whole number from 1 to 64"),
        ("TAKTAS_SMTP_PORT", "65536", "a whole number from 1 to 65535"),
        ("TAKTAS_LANGUAGE", "ru", "one of en, lt, es"),
        ("TAKTAS_CURRENCY", "euro", "three capital letters, such as EUR"),
        ("TAKTAS_COUNTRY", "lt", "two capital letters, such as LT"),
        ("TAKTAS_LOG_LEVEL", "loud", "one of DEBUG, INFO, WARNING, ERROR"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_form_that_works(variable: str, written: str, form: str) -> None:
    """The sentence names the variable, what stands in it and what to write."""
    with pytest.raises(UsageError) as refused:
        read_settings({variable: written})

    assert str(refused.value) == f"The setting {variable} is {written!r}. Write {form}."


def test_a_password_is_not_shown_by_accident() -> None:
    """Printing the settings, as a traceback might, hides it."""
    shown = repr(read_settings({"TAKTAS_SMTP_PASSWORD": "hunter2"}))

    assert "hunter2" not in shown


def test_every_setting_says_what_it_is_for() -> None:
    """`taktas config` shows these sentences."""
    assert all(sentence.endswith(".") for sentence in described().values())
