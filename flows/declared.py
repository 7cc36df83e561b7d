"""Work as Prefect flows: each runs one plain function, returns what it returned, and shows a page about it.

Prefect launches and shows; whether the work was done is remembered in our own tables. Import this module only after
`flows.place.prepare`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

import prefect
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from core.clock import now
from core.errors import TaktasError
from core.settings import settings
from flows.account import Account, in_house, plain, series
from flows.ringer import in_words

Done = TypeVar("Done")

_log = logging.getLogger(__name__)

FLOW_NAMES = {
    "run": "generation",
    "tick": "tick",
    "send": "send",
    "bounces": "bounces",
    "statistics": "statistics",
    "reconcile": "reconciliation",
}
"""What a duty is called where Prefect shows it."""

TROUBLE = "Done, with trouble"


class WorkFailed(TaktasError):
    """Work did not end well; Prefect shows and logs this in its place."""


def observed(
    name: str,
    about: Mapping[str, str],
    work: Callable[[], Done],
    tell: Callable[[Done], Account | None] = lambda _done: None,
) -> Done:
    """Do the work as a flow of that name; `about` is shown with the run, `tell` writes its page. Raises: as `work`."""
    kept: list[Done] = []
    failed: list[Exception] = []

    def noted() -> Account | None:
        try:
            kept.append(work())
            return tell(kept[0])
        except Exception as error:
            failed.append(error)
            raise

    def flow(asked: dict[str, str]) -> State[None]:
        told = in_short(noted)
        show(told)
        return ended(told)

    run_name = " ".join(about.values()).replace("{", "{{").replace("}", "}}") or None
    made = prefect.flow(name=name, flow_run_name=run_name, persist_result=False, validate_parameters=False)(flow)
    try:
        made(dict(about))
    except WorkFailed:
        raise failed[0] from None
    return kept[0]


def in_short(work: Callable[[], Done]) -> Done:
    """Do the work of a flow so that Prefect, which logs and shows errors whole, hears where it failed and why in words.

    Never the statement that failed, nor the values in it, be it the error or what led to it. Raises: WorkFailed.
    """
    try:
        return work()
    except Exception as error:
        failed = error
    raise WorkFailed(in_words(failed)).with_traceback(failed.__traceback__)


def ended(told: Account | None) -> State[None]:
    """How Prefect lists a run that was done: in the words of the timetable, and apart if somebody should look at it."""
    if told is None:
        return Completed()
    return Completed(message=told.sentence, name=TROUBLE if told.has_trouble else None)


def show(told: Account | None) -> None:
    """Add the page to the flow run it is written in; that Prefect cannot keep it undoes no work.

    Several houses may show their pages in one Prefect: each has series of its own, and says whose page it is.
    """
    if told is None or told.key is None:
        return
    house = settings().house
    page = f"{told.page}\nHouse {plain(house)}, {in_house(now())}.\n"
    try:
        create_markdown_artifact(page, key=series(house, told.key), description=told.sentence)
    except Exception:
        _log.warning("the page about %s could not be shown by Prefect", told.key, exc_info=True)
