"""A manager names teams, people and insurers in definitions; the house knows whether they are there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from standards.definition_folder import library_folder

Office = Any


def _copied(office: Office) -> Path:
    folder: Path = office.folder / "definitions"
    shutil.copytree(library_folder(), folder)
    return folder


def test_names_of_nobody_are_refused_before_they_are_published(office: Office) -> None:
    """By check, plan and publish alike, with file, line and the nearest name."""
    folder = _copied(office)
    sale = folder / "processes" / "new_sale.yaml"
    sale.write_text(sale.read_text(encoding="utf-8").replace("{team: sales,", "{team: slaes,"), encoding="utf-8")
    extra = "standards:\n  late:\n    for: {campaign: spring}\n    escalate: [{after: 1 day, to: employee rsa}]\n"
    (folder / "standards" / "extra.yaml").write_text(extra, encoding="utf-8")

    told = [
        office.cli("standards", *words, str(folder), fails=True).err
        for words in (["check"], ["plan"], ["publish", "--yes"])
    ]

    line = next(n for n, text in enumerate(sale.read_text(encoding="utf-8").splitlines(), 1) if "slaes" in text)
    for each in told:
        assert f"new_sale.yaml:{line}: unknown team 'slaes'; did you mean sales? Known: complaints, sales." in each
        assert "extra.yaml:4: nobody who works here has the login 'rsa'; did you mean rasa?" in each
    assert office.ask("standards", "show") == []


def test_the_shipped_definitions_fit_a_house_with_their_teams(office: Office) -> None:
    """And only then."""
    assert office.cli("standards", "check").out.endswith("nothing is wrong.\n")
