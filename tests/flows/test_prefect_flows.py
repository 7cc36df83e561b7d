"""The beat, sending and the report as Prefect flows, on the locked versions."""

from __future__ import annotations

import logging
import logging.handlers
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.actor import Actor, Door
from flows import account, entry
from flows.entry import PrefectUnavailable, run_efficiency, run_generation, run_send, run_tick
from models.database import DatabaseGaveUp, begin
from reports.assignment import Question
from reports.dimension import By
from reports.period import Period
from standards.definition_folder import read_definitions
from tasks.beat.ticking import TickReport
from tasks.handbooks.publishing import publish

NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("prefect")]  # one server for all of them


@pytest.mark.usefixtures("prefect_home")
def test_a_flow_starts_on_the_locked_versions(house: Any) -> None:
    """Sending as a flow does what sending does, and returns what it returns."""
    report = run_send(NOON)

    assert report.tried == 0
    assert report.where == str(house.data_dir / "outbox" / "house")


@pytest.mark.usefixtures("prefect_home", "house")
def test_the_beat_and_the_report_run_as_flows() -> None:
    """On an empty house there is nothing to do and nothing to count."""
    period = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone="Europe/Vilnius")

    beat = run_tick(NOON)
    figures = run_efficiency(Question(period=period, by=(By.EMPLOYEE,), as_of=NOON))

    assert beat.total == 0
    assert len(figures.rows) == 0


@pytest.mark.usefixtures("prefect_home", "house")
def test_a_run_is_a_flow_too() -> None:
    """On a house with definitions and no book nothing is due; looking ahead as a flow writes nothing."""
    actor = Actor(door=Door.RUN)
    with begin() as db:
        publish(db, actor, read_definitions(), NOON, start_inside=False, start_behind=False)

    ahead = run_generation("renewal", NOON, actor=actor, dry_run=True, workers=1)
    done = run_generation("renewal", NOON, actor=actor, workers=1)

    assert (ahead.version, ahead.run_id, ahead.is_dry) == ("renewal@1", None, True)
    assert (done.version, done.run_id is not None, done.is_dry) == ("renewal@1", True, False)


@pytest.mark.usefixtures("prefect_home", "house")
def test_the_pages_of_a_house_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two houses may report to one Prefect: each page stands in a series of its house and says whose and when."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    monkeypatch.setattr("tasks.beat.ticking.tick", lambda **_asked: TickReport(counts=Counter({"reminders": 1})))

    run_tick(NOON)

    with get_client(sync_client=True) as client:
        key = ArtifactFilterKey(any_=["house-tick"])
        [page, *_] = client.read_artifacts(artifact_filter=ArtifactFilter(key=key))
        assert page.flow_run_id is not None
        run = client.read_flow_run(page.flow_run_id)
    assert run.name == "tick as of 2026-03-02 12:00"
    assert (run.state_name, run.state and run.state.message) == ("Completed", "1 reminder")
    assert page.description == "1 reminder"
    assert "House house, 20" in str(page.data)
    assert str(page.data).endswith(" (Europe/Vilnius).\n")


@pytest.mark.usefixtures("prefect_home", "house")
@pytest.mark.parametrize("has_cause", [False, True])
def test_prefect_is_told_in_words_what_failed(monkeypatch: pytest.MonkeyPatch, has_cause: bool) -> None:
    """Neither its list nor its log shows a statement or the values in it; whoever called the flow has the error."""

    def fail(**_asked: Any) -> TickReport:
        try:
            with begin() as db:
                db.execute(text("SELECT CAST(:name AS integer)"), {"name": "Ona Secret"})
        except DBAPIError as error:
            if has_cause:
                raise DatabaseGaveUp("The disk is full.") from error
            raise
        raise AssertionError

    monkeypatch.setattr("tasks.beat.ticking.tick", fail)
    shown = logging.handlers.BufferingHandler(10_000)
    loggers = [logging.getLogger(name) for name in ("prefect.flow_runs", "prefect.engine")]
    for logger in loggers:
        logger.addHandler(shown)

    with pytest.raises((DBAPIError, DatabaseGaveUp)) as failed:
        run_tick(NOON)

    for logger in loggers:
        logger.removeHandler(shown)
    written = "\n".join(map(logging.Formatter("%(message)s").format, shown.buffer))
    message = str(_last_failed().state.message)
    assert isinstance(failed.value, DatabaseGaveUp if has_cause else DBAPIError)
    assert ("The disk is full." if has_cause else "DataError: ") in message
    assert "WorkFailed" in written
    assert "SELECT" not in message + written.replace('db.execute(text("SELECT', "")
    assert "Ona Secret" not in message + written.replace('{"name": "Ona Secret"}', "")


def _last_failed() -> Any:
    """Of all that failed: deployments of other tests may have runs that are still to come."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort

    failed = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED]))
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=failed), sort=FlowRunSort.START_TIME_DESC, limit=1
        )
    return found[0]


@pytest.mark.usefixtures("prefect_home", "house")
def test_what_a_worker_was_called_for_is_listed_with_what_it_did(bell: Callable[..., None]) -> None:
    """For which moment, in the words of the timetable; a call too many says that there was nothing to do."""
    from flows.deployed import NOTHING_LEFT, RingingFailed, missed, scheduled

    begin_at = datetime.now(UTC) - timedelta(hours=25)
    bell("nightly", "every day at 00:00", starts_at=begin_at)
    bell("choir", "every day at 00:00", starts_at=begin_at, does="sing")

    first, again = (scheduled("nightly", return_state=True) for _ in range(2))
    broken = missed(return_state=True)

    assert str(first.message).startswith("nightly due ")
    assert "nothing was due" in str(first.message)
    assert again.message == NOTHING_LEFT
    assert broken.is_failed()
    assert "choir is to 'sing', which this version of taktas does not know" in str(broken.message)
    with pytest.raises(RingingFailed):
        broken.result()


@pytest.mark.usefixtures("prefect_home")
def test_a_run_somebody_should_look_at_is_not_listed_like_the_others() -> None:
    """It was done, so it has not failed; its name and its sentence say that not all is well."""
    from prefect.client.schemas.objects import State

    from flows.declared import TROUBLE, ended

    def state(*, has_trouble: bool) -> State[None]:
        return ended(account.Account(sentence="nothing was sent", has_trouble=has_trouble))

    assert (state(has_trouble=True).name, state(has_trouble=False).name) == (TROUBLE, "Completed")
    assert state(has_trouble=True).is_completed()
    assert state(has_trouble=True).message == "nothing was sent"


@pytest.mark.usefixtures("prefect_home", "house")
def test_what_a_flow_raises_reaches_the_front_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was raised, not wrapped."""

    def refuse(at: datetime, **asked: object) -> None:
        raise KeyError(at, asked)

    monkeypatch.setattr("notifications.sending.draining.drain", refuse)

    with pytest.raises(KeyError):
        run_send(NOON)


@pytest.mark.usefixtures("prefect_home")
def test_prefects_own_troubles_are_said_in_a_sentence() -> None:
    """With the way to do without it."""
    with pytest.raises(PrefectUnavailable) as refusal, entry._prefect():
        raise RuntimeError("Timed out while attempting to connect to ephemeral Prefect API server.")

    assert str(refusal.value) == (
        "Prefect could not be reached: Timed out while attempting to connect to ephemeral Prefect API server. "
        "The same work can be done without it: leave out --prefect."
    )


def test_another_error_is_not_mistaken_for_one_of_prefects(prefect_home: Path) -> None:
    """A mistake of ours stays one."""
    with pytest.raises(RuntimeError, match="ours"), entry._prefect():
        raise RuntimeError("ours")
