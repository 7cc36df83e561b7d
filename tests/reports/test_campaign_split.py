"""A campaign told by whose its names were and of what kind: every name once, and the sums are those of the list."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from models import campaigns
from reports.campaign import STAGES, campaign_report
from reports.dimension import By
from reports.labels import NOBODY
from reports.sheet import Sheet, text_table
from reports.split import Split

AS_OF = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def people(desk: Any) -> dict[str, int]:
    """Asta rang two vips, of whom one bought, and handed a third name to Benas, who reached nobody; one waits."""
    asta, benas = desk.employee("Asta"), desk.employee("Benas")
    spring = desk.put(campaigns.campaigns, code="spring", name="Spring", starts_on=date(2026, 3, 2))
    vip, plain = {"client_tier": "vip"}, {"client_tier": "standard"}
    sold = listed(desk, spring, 3, is_success=True, end_code="sold")
    desk.task(case_id=sold, status="done", assignee_id=asta, outcome="interested", finished_at=AS_OF, dimensions=vip)
    lost = listed(desk, spring, 3, is_success=False, end_code="not_interested")
    desk.task(
        case_id=lost, status="done", assignee_id=asta, outcome="not_interested", finished_at=AS_OF, dimensions=vip
    )
    handed = listed(desk, spring, 9)
    desk.task(case_id=handed, status="done", assignee_id=asta, outcome="no_answer", finished_at=AS_OF, dimensions=plain)
    desk.task(case_id=handed, assignee_id=benas, dimensions=vip, round=2)
    desk.put(campaigns.campaign_members, campaign_id=spring, party_id=desk.client(), listed_at=AS_OF)
    voided = listed(desk, spring, 9, end_code="void")
    desk.task(case_id=voided, status="cancelled", assignee_id=asta, finished_at=AS_OF, dimensions=vip)
    return {"asta": asta, "benas": benas}


def listed(desk: Any, campaign: int, day: int, **case: Any) -> int:
    """Somebody put on the list on that day of March, with their case."""
    at = datetime(2026, 3, day, tzinfo=UTC)
    member = desk.put(campaigns.campaign_members, campaign_id=campaign, party_id=desk.client(), listed_at=at)
    return int(desk.case(subject_type="campaign_member", subject_id=member, **case))


def told(desk: Any, *by: By, **asked: Any) -> Sheet:
    """The figures, split."""
    report = campaign_report(desk.db, AS_OF, zone_name="Europe/Vilnius", split=Split(by=by, **asked))
    return report.sheets[0]


def stages(sheet: Sheet, *names: str) -> dict[str, tuple[int, ...]]:
    """Group -> how many came so far: listed, contacted, reached, interested, offered, sold."""
    return {", ".join(row[f"{name}_name"] for name in names): tuple(row[it] for it in STAGES) for row in sheet.rows}


@pytest.mark.usefixtures("people")
def test_a_name_is_whose_it_was_last_and_of_the_kind_it_was_at_first(desk: Any) -> None:
    """Two of Asta, one of Benas; who has no case, or a void one, is nobody's, and of the tier the client has now."""
    by_person, by_tier = told(desk, By.EMPLOYEE), told(desk, By.CLIENT_TIER)

    assert stages(by_person, "employee") == {
        NOBODY: (2, 0, 0, 0, 0, 0),
        "Asta": (2, 2, 2, 1, 1, 1),
        "Benas": (1, 1, 0, 0, 0, 0),
    }
    assert stages(by_tier, "client_tier") == {
        "standard": (3, 1, 0, 0, 0, 0),
        "vip": (2, 2, 2, 1, 1, 1),
    }


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "by",
    [
        (By.EMPLOYEE,),
        (By.EMPLOYEE, By.CLIENT_TIER, By.WEEK),
        (By.TEAM, By.ACTION, By.PRODUCT, By.MONTH),
        (By.CAMPAIGN, By.INSURER, By.CLIENT_STANDING),
    ],
)
def test_the_groups_add_up_to_the_list(desk: Any, by: tuple[By, ...]) -> None:
    """In every stage, with rates and their ends below; requests are the whole house's and are left out."""
    (whole,), split = told(desk).rows, told(desk, *by)

    assert split.total is not None
    for name in (*STAGES, "removed"):
        assert sum(row[name] for row in split.rows) == split.total[name] == whole[name]
    assert (split.total["sold_rate"], split.total["sold_rate_low"]) == (whole["sold_rate"], whole["sold_rate_low"])
    assert "a_day_since" in whole
    assert not [column for column in split.columns if column.key.startswith("a_day")]
    assert text_table(split).rows


def test_a_list_is_narrowed_to_some_names(desk: Any, people: dict[str, int]) -> None:
    """To one person's, one week's, and to what somebody may see."""
    assert stages(told(desk, By.CLIENT_TIER, only=((By.EMPLOYEE, people["benas"]),)), "client_tier") == {
        "standard": (1, 1, 0, 0, 0, 0)
    }
    assert stages(told(desk, By.WEEK, only=((By.WEEK, "2026-03-02"),)), "week") == {"2026-03-02": (2, 2, 2, 1, 1, 1)}
    assert stages(told(desk, By.EMPLOYEE, employee_ids=(people["benas"],)), "employee") == {"Benas": (1, 1, 0, 0, 0, 0)}
