"""Half a year of renewals worked before the story begins: who called whom, what came of it, what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from core.clock import start_of, zone
from intake.sample.book import Policy
from intake.sample.dice import Dice
from intake.sample.working import (
    Assignment,
    Work,
    Worker,
    do_work,
    opening_facts,
    planned_row,
    take_seat,
    task_row,
)
from standards.process import Process
from standards.service.standard import Fields
from tasks.record.past_work import PastAnswer, PastCase, PastEvent

WINDOW = timedelta(days=45)
WEEK = timedelta(days=7)
REASONS = (("price", 5), ("competitor", 4), ("service", 1), ("no_need", 2), ("other", 1))
PROCESS_STEPS = ("call", "offer", "bind")
NEXT_TERM = "next_term"

Resolutions = Mapping[tuple[str, str], tuple[int, Fields]]  # (policy number, step) -> what holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows about one policy of the sample."""

    term_id: int
    client_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Everything the story of the past is told with; it ends `now`, the Monday at six."""

    process: Process
    workers: Mapping[int, Worker]
    resolutions: Resolutions
    now: datetime
    zone: str

    @property
    def beat(self) -> datetime:
        """Friday evening: the last time reminders went out."""
        return self.now - timedelta(hours=60)


@dataclass(slots=True)
class Told:
    """One case being told. `premium`: cents agreed for the next term, once it is bound."""

    past: Past
    policy: Policy
    known: Known
    dice: Dice
    case: PastCase
    opens_at: datetime
    holder_id: int
    premium: int | None = None
    planned_at: datetime | None = None  # when a next round was planned that opens later
    rounds: dict[str, int] = field(default_factory=dict)
    cause: int = 0  # the number of the event that completed the last task

    @property
    def runs_out_at(self) -> datetime:
        """The end of the cover."""
        return start_of(self.policy.expires_on + timedelta(days=1), self.past.zone)

    def note(self, kind: str, at: datetime, *, by: int | None = None, on_task: bool = True, **facts: Any) -> None:
        """Write to the case's ledger."""
        task = len(self.case.tasks) - 1 if on_task else None
        self.cause = len(self.case.events) + 1 if kind == "task.completed" else self.cause
        self.case.events.append(PastEvent(kind=kind, at=at, facts=facts, task=task, employee_id=by))


def first_monday(policy: Policy) -> date:
    """The Monday on which the renewal of a policy comes up."""
    day = policy.expires_on - WINDOW
    return day + timedelta(days=-day.weekday() % 7)


def tell(past: Past, policy: Policy, known: Known, dice: Dice) -> tuple[PastCase, int | None]:
    """The case of a policy up to now, and the premium in cents when it was renewed."""
    monday = first_monday(policy)
    began_at = start_of(monday, past.zone).astimezone(zone(past.zone)).replace(hour=6)
    case = PastCase(subject_id=known.term_id, client_id=known.client_id, started_at=began_at)
    told = Told(past, policy, known, dice, case, opens_at=began_at, holder_id=known.owner_id)
    for step, outcome in _script(policy, past.workers[known.owner_id], dice):
        if not _task(told, step, outcome):
            break
    return case, told.premium if case.end_code == "won" else None


def _script(policy: Policy, owner: Worker, dice: Dice) -> list[tuple[str, str]]:
    """What will be said, if there is time: rounds of calls, perhaps an offer, an end."""
    calls = ["no_answer"] * dice.weighted(((0, 7), (1, 3), (2, 1))) + ["thinking"] * dice.weighted(((0, 4), (1, 1)))
    script = [("call", outcome) for outcome in calls]
    wins = owner.person.success - (0.06 if policy.line in {"cargo", "liability"} else 0.0)
    if dice.chance(wins):
        doubts = [("offer", "thinking")] if dice.chance(0.15) else []
        return [*script, ("call", "interested"), *doubts, ("offer", "accepted"), ("bind", "bound")]
    if dice.chance(0.55):
        return [*script, ("call", "sold" if dice.chance(0.12) else "declined")]
    return [*script, ("call", "interested"), ("offer", "declined")]


def _task(told: Told, step_name: str, outcome: str) -> bool:
    """One task of the case; False when the case ends or rests there."""
    past, process = told.past, told.past.process
    round_number = told.rounds[step_name] = told.rounds.get(step_name, 0) + 1
    number, fields = past.resolutions[told.policy.number, step_name]
    step = process.steps[step_name]
    if told.opens_at >= told.runs_out_at:
        return _lapse(told, None)
    given = Assignment(
        step=step,
        round=round_number,
        opens_at=told.opens_at,
        resolution_id=number,
        fields=fields,
        expires_on=told.policy.expires_on,
    )
    if told.opens_at >= past.now:
        return _plan_ahead(told, given)
    work = do_work(past.workers, told.holder_id, given, past.now, told.dice)
    if work.finished_at is None or work.finished_at >= told.runs_out_at:
        return _left_open(told, work)
    told.case.tasks.append(task_row(work, beat=past.beat, outcome=outcome))
    _begin(told, work)
    _finish(told, work, outcome)
    return _goes_on(told, work, outcome)


def _left_open(told: Told, work: Work) -> bool:
    is_over = told.runs_out_at <= told.past.now
    row = task_row(work, beat=told.past.beat, outcome=None, cancelled_at=told.runs_out_at if is_over else None)
    told.case.tasks.append(row)
    _begin(told, work)
    if is_over:
        return _lapse(told, work)
    if work.started_at is not None:
        told.note("task.started", work.started_at, by=work.worker.desk.employee_id, step=work.step, round=work.round)
    for occurrence in range(1, row["reminded"] + 1):
        told.note("task.reminded", told.past.beat, step=work.step, round=work.round, occurrence=occurrence)
    return False


def _lapse(told: Told, work: Work | None) -> bool:
    """The cover ran out while the renewal was still undecided."""
    at = told.runs_out_at
    if work is not None:
        told.note("task.cancelled", at, step=work.step, round=work.round, reason="case_ended")
    _end(told, "lapsed", at, cause=None)
    return False


def _begin(told: Told, work: Work) -> None:
    kind, cause = "task.opened" if told.case.events else "case.started", told.cause or None
    if told.planned_at is not None:
        told.note("task.planned", told.planned_at, cause=cause, **opening_facts(work, "planned"))
        cause = None  # it was planned because of an outcome, and opened because its moment came
    told.note(kind, work.moments.opens_at, cause=cause, **opening_facts(work))


def _finish(told: Told, work: Work, outcome: str) -> None:
    place: dict[str, Any] = {"step": work.step, "round": work.round}
    doer, finished_at = work.worker.desk.employee_id, work.finished_at or told.past.now
    told.note("task.started", work.started_at or finished_at, by=doer, **place)
    if work.wait is not None:
        was = work.moments.due_at
        told.note("task.waited", work.wait.began_at, by=doer, waiting_for="client", was_due_at=was, **place)
        told.note("task.resumed", work.wait.ended_at, by=doer, due_at=work.wait.due_after, was_due_at=was, **place)
    facts: dict[str, Any] = {"outcome": outcome, "late_reason": work.late_reason, "spent_minutes": work.spent_minutes}
    told.note("task.completed", finished_at, by=doer, assignee_id=doer, due_at=work.due_at, **facts, **place)


def _goes_on(told: Told, work: Work, outcome: str) -> bool:
    """What follows from an outcome; the next task opens at once, or after some working days."""
    at, clock = work.finished_at or told.past.now, work.worker.desk.open_time
    transition = told.past.process.steps[work.step].outcomes[outcome]
    told.opens_at = clock.add_duration(at, transition.repeat_in) if transition.repeat_in is not None else at
    told.holder_id = work.bumped_from_id or work.worker.desk.employee_id
    match work.step, outcome:
        case _, "declined":
            _answer(told, "reason", told.dice.weighted(REASONS))
            _end(told, "lost", at, cause=told.cause, reason=str(told.case.answers[-1].value))
        case "call", "sold":
            _end(told, "gone", at, cause=told.cause, reason="object_sold")
        case "offer", "accepted":
            told.premium = told.policy.premium * told.dice.between(96, 112) // 100
            _answer(told, "premium", {"amount": f"{told.premium // 100}.{told.premium % 100:02}", "currency": "EUR"})
        case "bind", "bound":
            _answer(told, "policy_number", told.policy.number)
            told.note("step.passed", at, on_task=False, cause=told.cause, step=NEXT_TERM, round=1)
            _end(told, "won", at, cause=told.cause)
    told.planned_at = at if transition.repeat_in is not None else None
    return told.case.ended_at is None


def _plan_ahead(told: Told, given: Assignment) -> bool:
    """The next round lies ahead: its task waits for its moment."""
    worker, moments = take_seat(told.past.workers, told.holder_id, given)
    work = Work(
        step=given.step.name,
        round=given.round,
        worker=worker,
        resolution_id=given.resolution_id,
        fields=given.fields,
        moments=moments,
        owner_id=told.holder_id,
    )
    told.case.tasks.append(planned_row(work))
    told.note(
        "task.planned", told.planned_at or told.past.now, cause=told.cause or None, **opening_facts(work, "planned")
    )
    return False


def _answer(told: Told, name: str, value: Any) -> None:
    told.case.answers.append(PastAnswer(task=len(told.case.tasks) - 1, name=name, value=value))


def _end(told: Told, code: str, at: datetime, *, cause: int | None, reason: str | None = None) -> None:
    told.case.ended_at, told.case.end_code, told.case.reason = at, code, reason
    told.case.is_success = told.past.process.ends[code].success
    told.note("case.ended", at, on_task=False, cause=cause, end=code, success=told.case.is_success, reason=reason)


def name_next_term(case: PastCase, term_id: int) -> None:
    """Let the ledger of a case that was won say which term came of it."""
    case.events = [
        replace(event, facts=event.facts | {"term_id": term_id}) if event.facts.get("step") == NEXT_TERM else event
        for event in case.events
    ]
