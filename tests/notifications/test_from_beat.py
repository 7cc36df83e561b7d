"""From the beat to the mailbox, on the definitions that come with taktas: reminders, escalations and letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.actor import Actor, Door
from models import contracts, parties, work
from models.database import begin
from notifications.sending.draining import drain
from standards.definition_folder import read_definitions
from tasks.beat.ticking import tick
from tasks.desk.casework import start_case
from tasks.desk.working import complete
from tasks.handbooks.publishing import publish

NOBODY = Actor(door=Door.RUN)


@pytest.fixture
def renewal(post: Any, noon: datetime) -> tuple[int, int]:
    """Ona's policy ends in 40 days: the numbers of the renewal's case and of Jonas, who answers for her."""
    with begin() as db:
        publish(db, NOBODY, read_definitions(), noon, start_inside=False, start_behind=False)
    boss = post.employee("Ponas", login="boss", email="boss@house.example", is_manager=True)
    jonas = post.employee("Jonas", login="jonas", email="jonas@house.example", language="lt", manager_id=boss)
    ona = post.client("Ona Šiaulytė", language="lt")
    post.put(
        parties.responsibilities,
        client_id=ona,
        employee_id=jonas,
        role="account_manager",
        since=date(2020, 1, 1),
    )
    line = post.put(contracts.product_lines, code="motor", labels={"en": "Motor"})
    insurer = post.put(contracts.insurers, code="balta", name="Balta")
    policy = post.put(
        contracts.policies, client_id=ona, insurer_id=insurer, product_line_id=line, number="P-1", channel="office"
    )
    term = post.put(
        contracts.terms,
        policy_id=policy,
        sequence=1,
        starts_on=date(2025, 4, 12),
        expires_on=noon.date() + timedelta(days=40),
    )
    with begin() as db:
        case = start_case(db, NOBODY, process="renewal", subject_type="term", subject_id=term, at=noon)
    return case, jonas


def days(noon: datetime, count: int) -> Iterator[datetime]:
    """Noon of each of so many days, the beat and the sender having done their part."""
    for day in range(count):
        at = noon + timedelta(days=day)
        tick(at=at)
        drain(at)
        yield at


def test_a_task_that_is_left_lying_reminds_and_then_tells_somebody_above(
    post: Any, renewal: tuple[int, int], noon: datetime
) -> None:
    """Jonas is reminded in Lithuanian; then Ponas hears of it, with whose it is."""
    for _ in days(noon, 10):
        pass

    subjects = [(mail["To"].addresses[0].addr_spec, mail["Subject"]) for mail in post.mails()]
    title = "Ona Šiaulytė: paskambinti dėl poliso P-1 atnaujinimo"
    assert ("jonas@house.example", f"Priminimas: {title}") in subjects
    escalated = [mail for mail in post.mails() if mail["To"].addresses[0].addr_spec == "boss@house.example"]
    assert escalated
    assert "with Jonas" in escalated[0].get_body(("plain",)).get_content()


def test_a_process_writes_to_the_client(post: Any, renewal: tuple[int, int], noon: datetime) -> None:
    """Nobody answers the phone: the letter goes out, in the client's language, with what is so about the policy."""
    case, jonas = renewal
    actor = Actor(door=Door.COMMAND_LINE, employee_id=jonas)
    for at in days(noon, 12):
        with begin() as db:
            open_now = select(work.tasks.c.id).where(work.tasks.c.case_id == case, work.tasks.c.status == "open")
            for task in db.scalars(open_now).all():
                complete(db, actor, task_id=task, outcome="no_answer", late_reason="client_unreachable", at=at)

    letters = [mail for mail in post.mails() if mail["To"].addresses[0].addr_spec == "ona@example.lt"]
    assert len(letters) == 1
    assert letters[0]["To"].addresses[0].display_name == "Ona Šiaulytė"
    assert "P-1" in letters[0].get_body(("plain",)).get_content()
