"""What a piece of scheduled work did: one sentence for the timetable, and a page a manager can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from core.clock import zone
from core.settings import settings
from core.words import counted

if TYPE_CHECKING:
    from notifications.bounces.taking_in import BounceReport
    from notifications.sending.draining import DrainReport
    from reports.snapshot import SnapshotReport
    from tasks.beat.ticking import TickReport
    from tasks.generation.reconciliation import Reconciliation
    from tasks.generation.running import RunReport
    from tasks.generation.tally import Tally

SHOWN = 50
"""So many lines of a list that could be long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`key` names its series of pages (None: nothing worth a page happened); `has_trouble`: somebody should look."""

    sentence: str
    page: str = ""
    key: str | None = None
    has_trouble: bool = False


def series(*words: str) -> str:
    """The name of a series of pages, in the letters Prefect takes for one."""
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")


def in_house(moment: datetime) -> str:
    """A moment on the clock of the house, and which clock that is."""
    return f"{on_clock(moment)} ({settings().zone})"


def on_clock(moment: datetime) -> str:
    """`2026-03-02 08:00` on the clock of the house."""
    return f"{moment.astimezone(zone(settings().zone)):%Y-%m-%d %H:%M}"


def of_run(db: Connection, report: RunReport) -> Account:
    """What was created, who got how much, what was left out and why."""
    from tasks.generation.views import in_words, left_out_in_words

    tally = report.tally
    would = "would start" if report.is_dry or report.state == "proposed" else "started"
    left_out = sum(tally.left_out.values())
    had = tally.known + tally.met
    sentence = f"{report.version}: {_begun(tally, would)}"
    sentence += f", {had} had theirs already" * bool(had) + f", {left_out} left out" * bool(left_out)
    by = in_words(db, tally, settings().language)
    page = [
        f"# {plain(report.version)} as of {in_house(report.as_of)}",
        _table(
            ("", "number"),
            [
                (f"cases that {would}", tally.cases),
                ("first tasks", tally.tasks),
                ("had their case already", had),
                ("left out", left_out),
            ],
        ),
        _section("Who gets the first task", ("who", "cases"), by.get("employee", ())),
        _section("Left out because", ("reason", "subjects"), left_out_in_words(tally)),
        _section("By product line", ("product line", "cases"), by.get("product_line", ())),
        _section("By insurer", ("insurer", "cases"), by.get("insurer", ())),
        _section("Due in the week of", ("week", "cases"), by.get("week", ())),
    ]
    return Account(sentence=sentence, page=_page(page), key=series("generation", report.version.partition("@")[0]))


def _begun(tally: Tally, would: str) -> str:
    """What a run that found nothing to start says is that."""
    first = f" with {tally.tasks} first {'task' if tally.tasks == 1 else 'tasks'}" if tally.tasks else ""
    return f"{counted(tally.cases, 'cases')} {would}{first}" if tally.cases else "nothing to start"


def of_tick(report: TickReport) -> Account:
    """How many of each, and what could not be done."""
    put_off = f"; {len(report.problems)} put off until tomorrow" if report.problems else ""
    page = [
        "# The beat",
        _table(("what", "number"), report.kinds),
        _listed("Put off until tomorrow", report.problems),
    ]
    key = "tick" if report.kinds or report.problems else None
    return Account(
        sentence=(report.words or "nothing was due") + put_off,
        page=_page(page),
        key=key,
        has_trouble=bool(report.problems),
    )


def of_send(db: Connection, report: DrainReport) -> Account:
    """What left, what did not and why, and what waits in which state."""
    told = [f"{number} {outcome}" for outcome, number in _outcomes(report)]
    sentence = ", ".join(told) or ("nothing was sent" if report.problem else "nothing was due")
    if report.problem:
        sentence += f"; stopped: {report.problem}"
    page = [
        f"# Sending to {plain(report.where)}",
        plain(report.problem or ""),
        _section("In this sending", ("what became of it", "messages"), _outcomes(report)),
        _section("Waiting in the outbox", ("state", "messages"), _states(db) if report.tried or report.problem else ()),
        _listed("Did not leave", [f"message {number}: {why}" for number, why in report.refusals]),
    ]
    is_told = bool(report.tried or report.problem)
    trouble = bool(report.problem or report.refusals)
    return Account(sentence=sentence, page=_page(page), key="send" if is_told else None, has_trouble=trouble)


def _outcomes(report: DrainReport) -> list[tuple[str, int]]:
    return [(outcome.value, number) for outcome, number in report.counts.items() if number]


def _states(db: Connection) -> list[tuple[str, int]]:
    from models.outbox import MessageState, messages

    settled = [MessageState.SENT.value, MessageState.DROPPED.value]
    waiting = select(messages.c.state, func.count()).where(messages.c.state.not_in(settled))
    return [(row[0].replace("_", " "), row[1]) for row in db.execute(waiting.group_by(messages.c.state)).all()]


def of_bounces(report: BounceReport) -> Account:
    """How much came back, of which kind, and which addresses were marked."""
    kinds = [(kind.value.replace("_", " "), number) for kind, number in sorted(report.kinds.items()) if number]
    told = ", ".join(f"{number} {kind}" for kind, number in kinds) or "nothing new came back"
    sentence = f"{told}; {len(report.marked)} addresses marked" if report.marked else told
    marked = _listed("Addresses marked", report.marked)
    page = ["# Mail that came back", _table(("kind", "mails"), kinds), marked]
    return Account(sentence=sentence, page=_page(page), key="bounces" if kinds else None)


def of_snapshot(report: SnapshotReport) -> Account:
    """Which days were counted anew."""
    span = f", from {report.first_day} to {report.last_day}" if report.first_day else ""
    sentence = f"{report.days} {'day' if report.days == 1 else 'days'} counted anew{span}"
    page = ["# Figures of every day", f"As of {in_house(report.taken_at)}: {sentence}."]
    return Account(sentence=sentence, page=_page(page), key="statistics")


def of_reconciliations(found: Sequence[Reconciliation], refused: Mapping[str, str]) -> Account:
    """Process by process: every subject of the window accounted for, or named as missing."""
    wrong = [one for one in found if not one.is_whole]
    missing = sum(one.missing for one in found)
    sentence = f"{len(found)} {'process' if len(found) == 1 else 'processes'} reconciled: "
    sentence += f"{missing} missing, {len(wrong)} of them not whole" if wrong else "nothing is missing"
    if refused:
        sentence += f"; {', '.join(refused)} could not be looked at"
    rows = [(it.version, it.subjects, it.live, it.ended, sum(it.left_out.values()), it.missing) for it in found]
    page = [
        "# Reconciliation",
        _table(("process", "in the window", "live", "ended", "left out", "missing"), rows),
        *(_section(f"{it.version}: left out because", ("reason", "subjects"), _spoken(it.left_out)) for it in found),
        *(_listed(f"{it.version}: what is wrong", _wrongs(it)) for it in wrong),
        _listed("Could not be looked at", [f"{process}: {why}" for process, why in refused.items()]),
    ]
    return Account(sentence=sentence, page=_page(page), key="reconciliation", has_trouble=bool(wrong or refused))


def _spoken(reasons: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(reason.replace("_", " "), count) for reason, count in sorted(reasons.items(), key=lambda it: -it[1])]


def _wrongs(found: Reconciliation) -> list[str]:
    named = (
        (f"missing, due without case or reason: {found.missing}, such as {found.subject}", found.missing_ids),
        (f"more than one live case in one cycle: {found.subject}", found.doubled_ids),
        ("nothing to be done, waited for or timed in live cases", found.stuck_case_ids),
    )
    return [f"{what} {', '.join(map(str, numbers))}" for what, numbers in named if numbers]


def _section(heading: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return f"## {plain(heading)}\n\n{_table(columns, rows)}" if rows else ""


def _listed(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    more = [f"- … and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join([f"## {plain(heading)}\n", *(f"- {plain(line)}" for line in lines[:SHOWN]), *more])


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [columns, ["---", *("---:" for _ in columns[1:])], *rows]
    return "\n".join(f"| {' | '.join(plain(str(cell)) for cell in line)} |" for line in lines)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Names of people and companies are not markdown, whatever signs they hold."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(text.split()))
