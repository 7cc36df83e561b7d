"""An office to tell stories in with real commands only: people, a client, a policy, the shipped definitions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.app import run

EMPLOYEES = (
    "login,name,email,team,team_name,is_manager,manager\n"
    "ona,Ona,ona@house.test,,,yes,\n"
    "rasa,Rasa,rasa@house.test,sales,Sales,no,ona\n"
    "tomas,Tomas,tomas@house.test,complaints,Complaints,no,ona\n"
)
POLICY_HEAD = (
    "client.number,client.kind,client.name,client.email,client.standing,client.account_manager,client.handler,"
    "policy.insurer,policy.number,policy.product_line,term.sequence,term.starts_on,term.expires_on\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it said under --json."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Commands typed at a house of the test's own, and files beside it."""

    capsys: pytest.CaptureFixture[str]
    folder: Path

    def cli(self, *words: str, fails: bool = False) -> Answer:
        """Type a command; it must succeed unless it is to fail."""
        self.capsys.readouterr()
        code = run(list(words))
        told = self.capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        assert bool(code) is fails, told.err or told.out
        return Answer(code=code, out=told.out, err=told.err)

    def ask(self, *words: str) -> Any:
        """The same under --json; what it answered."""
        return self.cli(*words, "--json").data

    def bring(self, kind: str, table: str, *more: str) -> Any:
        """Import a table of that kind."""
        path = self.folder / f"{kind}.csv"
        path.write_text(table, encoding="utf-8")
        return self.ask("import", kind, str(path), *more)

    def policies(self, *rows: str, as_of: str) -> Any:
        """Import policies: number, sequence, start and end of a term, of one client of Rasa's."""
        table = "".join(
            f"K1,person,Aistė Žukė,aiste@client.test,existing,rasa,rasa,lumen,{number},motor,{rest}\n"
            for number, _, rest in (row.partition(",") for row in rows)
        )
        return self.bring("policies", POLICY_HEAD + table, "--as-of", as_of)

    def publish(self, *more: str, as_of: str) -> None:
        """Publish the shipped definitions."""
        self.cli("standards", "publish", "--yes", "--as-of", as_of, *more)


@pytest.fixture
def office(house: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """A house with three people, an insurer and a product line; nothing is published yet."""
    assert house.url
    office = Office(capsys=capsys, folder=tmp_path)
    office.bring("employees", EMPLOYEES)
    office.bring("insurers", "code,name\nlumen,Lumen Insurance\n")
    office.bring("product_lines", "code,label_en\nmotor,Motor\n")
    return office
