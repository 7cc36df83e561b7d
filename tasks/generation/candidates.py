"""Select and leave out: every subject in a run's window, with all that will be asked of it, by one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Delete,
    FromClause,
    Insert,
    Select,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)

from core.settings import settings
from models import runs, work
from models.columns import Moment
from models.work import CaseStatus
from standards.catalogue import FIELDS, FieldType
from standards.process import StartKind
from tasks.facts.computed import AsOf
from tasks.facts.fields import Reading
from tasks.facts.selection import holds_in_sql
from tasks.generation.plan import Plan
from tasks.generation.stage import BETWEEN, DIMENSIONS, NO_DATE, NO_MOMENT, Stage
from tasks.record.cycle import CALENDAR, CAMPAIGN, START, calendar_cycle, scheduled_start
from tasks.record.planner import BY_HASH, BY_INDEX, planned

RUNNING, FINISHED = "already_running", "already_done"
MERGED, ERASED, OUTSIDE = "client_merged", "client_erased", "outside_selection"
START_ROW, LEFT_OUT = "start", "left_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which subjects of the window are looked at.

    `shard` of `shards`: by client. `is_all_new`: none of them had a case when the run began. `run_id`: team work was
    dealt to the rows of this run. `is_proposal`: only what that run proposed. `with_known`: also those that have their
    case, and with `with_outside` those for whom the process's `where` does not hold, each with that as its reason.
    """

    shard: int = 0
    shards: int = 1
    is_all_new: bool = False
    run_id: int | None = None
    is_proposal: bool = False
    with_known: bool = False
    with_outside: bool = False


def fill_candidates(db: Connection, plan: Plan, stage: Stage, scope: Scope) -> None:
    """Write the candidates; without `with_known` only those that have no case in this cycle yet.

    That is a saving, not the promise: the promise is the index of the identity, when the cases are written.
    """
    db.execute(candidates_statement(plan, stage, scope))
    if not (scope.with_known or scope.is_all_new):
        with planned(db, BY_INDEX):
            db.execute(_known_statement(plan, stage))


def _known_statement(plan: Plan, stage: Stage) -> Delete:
    """Take out whatever has its case.

    Apart from the selection, and row by row by the index of the identity, whatever the planner believes: it goes by
    tables as they were before this run, and a join the wrong way round would take hours.
    """
    candidate, known = stage.candidates.c, work.cases.alias("known")
    same = (
        known.c.subject_type == plan.process.subject,
        known.c.subject_id == candidate.subject_id,
        known.c.process_id == plan.published.process_id,
        known.c.cycle_id == candidate.cycle_id,
    )
    found = select(literal(1)).where(*same).limit(1).correlate_except(known).scalar_subquery()
    return delete(stage.candidates).where(found.is_not(None))


def candidates_statement(plan: Plan, stage: Stage, scope: Scope) -> Insert:
    """The statement that writes the candidates."""
    asked = Question(plan, scope)
    return insert(stage.candidates).from_select([column.name for column in stage.candidates.columns], asked.rows())


def count(db: Connection, plan: Plan, scope: Scope) -> tuple[int, int]:
    """How many subjects are in the window, and how many of them have no case in this cycle."""
    with planned(db, BY_HASH):
        row = db.execute(count_statement(plan, scope)).one()
    return row.all, row.new


def count_statement(plan: Plan, scope: Scope) -> Select[int, int]:
    """The statement that counts the window and what is new in it; to be planned with BY_HASH where it is large."""
    asked = Question(plan, scope)
    wanted, known = asked.conditions(), work.cases.alias("known")
    columns = (func.count().label("all"), func.count().filter(known.c.id.is_(None)).label("new"))
    return select(*columns).select_from(asked.with_case(known)).where(*wanted)


def to_start_statement(plan: Plan) -> Select[int]:
    """The statement that counts what a run would start: the new of the window that nothing leaves out."""
    asked = Question(plan, Scope())
    wanted, known = asked.conditions(), work.cases.alias("known")
    is_new = (known.c.id.is_(None), asked.reason().is_(None))
    return select(func.count()).select_from(asked.with_case(known)).where(*wanted, *is_new)


class Question:
    """One plan's question about its subjects, as columns and conditions of one reading."""

    def __init__(self, plan: Plan, scope: Scope) -> None:
        self.plan = plan
        self.scope = scope
        self.reading = Reading(plan.process.subject, plan.as_of.at)
        self.anchor = self.reading.value(plan.anchor) if plan.anchor else cast(null(), Date)
        self.cycle_id = cycle_in_sql(plan, self.reading, self.anchor)

    def rows(self) -> Select[Any]:
        """The candidates, in the order of the columns of their table."""
        reading, plan = self.reading, self.plan
        columns = [
            reading.subject_id,
            self.cycle_id,
            reading.client_id,
            self._group_key(),
            self._shard_key(),
            self.anchor,
            *(self._limit_anchor(path) for path in plan.anchors),
            self._dimensions(),
            *(reading.person(path) for path in plan.roles),
        ]
        wanted = self.conditions()
        reason = self.reason()
        source, dealt = self._with_run_rows(reading.source)
        labelled = [column.label(f"column_{place}") for place, column in enumerate([*columns, dealt, reason])]
        return select(*labelled).select_from(source).where(*wanted)

    def _dimensions(self) -> ColumnElement[Any]:
        """All dimensions of the subject in one text: compared once instead of seven times."""
        known = {name.value: column for name, column in self.reading.dimensions().items()}
        return func.concat_ws(literal(BETWEEN), *(known[name] for name in DIMENSIONS))

    def conditions(self) -> list[ColumnElement[bool]]:
        """What every candidate must meet."""
        wanted = [*self._in_window(), *self._in_shard()]
        if not self.scope.with_outside:
            wanted.append(holds_in_sql(self.reading, self.plan.start.where))
        return wanted

    def _in_window(self) -> list[ColumnElement[bool]]:
        plan, reading = self.plan, self.reading
        if plan.start.kind is StartKind.LIST:
            return self._on_a_list()
        wanted: list[ColumnElement[bool]] = []
        if plan.anchor is None and plan.process.subject == "period" and plan.ringing is not None:
            wanted.append(reading.subject_id == calendar_cycle("month", AsOf.of(plan.ringing).day))
        if plan.reach.first is not None:
            wanted.append(self.anchor >= plan.reach.first)
        if plan.reach.last is not None:
            wanted.append(self.anchor <= plan.reach.last)
        return wanted

    def _on_a_list(self) -> list[ColumnElement[bool]]:
        """On the list of a campaign that runs, since the process was to begin."""
        plan, as_of = self.plan, self.plan.as_of
        member, campaign = self.reading.row("campaign_member").c, self.reading.row("campaign").c
        wanted = [
            member.listed_at <= as_of.at,
            member.removed_at.is_(None),
            campaign.starts_on <= as_of.day,
            or_(campaign.ends_on.is_(None), campaign.ends_on >= as_of.day),
        ]
        if plan.campaign is not None:
            wanted.append(campaign.code == plan.campaign)
        since = plan.published.starts_from
        if since is not None:
            wanted.append(or_(member.listed_at >= since, campaign.starts_on > AsOf.of(since).day))
        return wanted

    def _in_shard(self) -> list[ColumnElement[bool]]:
        if self.scope.shards == 1:
            return []
        return [shard_of(self._shard_key(), self.scope.shards) == self.scope.shard]

    def _shard_key(self) -> ColumnElement[Any]:
        """The client, so that a group is never split; a programme's own, whoever its single policies belong to."""
        reading = self.reading
        keys = [reading.client_id] if reading.reaches("client") else []
        if self._groups_by("programme"):
            keys.insert(0, reading.row("programme").c.client_id)
        return func.coalesce(*keys, reading.subject_id)

    def _group_key(self) -> ColumnElement[Any]:
        """What belongs together; NULL for what stands alone."""
        if self._groups_by("client"):
            return self.reading.client_id
        if self._groups_by("programme"):
            return self.reading.id_of("programme")
        return cast(null(), BigInteger)

    def _groups_by(self, what: str) -> bool:
        group = self.plan.start.group
        return group is not None and group.by == what

    def _limit_anchor(self, path: str) -> ColumnElement[Any]:
        is_date = FIELDS[path].type is FieldType.DATE
        nothing = literal(NO_DATE, Date) if is_date else literal(NO_MOMENT, Moment)
        return func.coalesce(self.reading.value(path), nothing)

    def reason(self) -> ColumnElement[Any]:
        """Why a subject is left out: the first that applies, in the order the process names them."""
        found: list[tuple[ColumnElement[bool], str]] = []
        if self.scope.with_known:
            found.append((self._case_status() == CaseStatus.RUNNING.value, RUNNING))
            found.append((self._case_status() == CaseStatus.ENDED.value, FINISHED))
        if self.scope.with_outside:
            held = func.coalesce(holds_in_sql(self.reading, self.plan.start.where), literal(False))
            found.append((~held, OUTSIDE))
        if self.reading.reaches("client"):
            client = self.reading.row("client").c
            found += [(client.merged_into_id.is_not(None), MERGED), (client.erased_at.is_not(None), ERASED)]
        for reason, condition in self.plan.start.leave_out.items():
            found.append((holds_in_sql(self.reading, condition), reason))
        nothing = cast(null(), Text)
        return case(*((condition, literal(reason)) for condition, reason in found), else_=nothing) if found else nothing

    def _with_run_rows(self, source: FromClause) -> tuple[FromClause, ColumnElement[Any]]:
        """With the people team work was dealt to; of a proposal, only what it proposed."""
        scope, dealt = self.scope, runs.run_rows
        if scope.run_id is None or not (scope.is_proposal or self.plan.teams):
            return source, cast(null(), BigInteger)
        same = and_(
            dealt.c.run_id == scope.run_id,
            dealt.c.subject_type == self.plan.process.subject,
            dealt.c.subject_id == self.reading.subject_id,
            dealt.c.cycle_id == self.cycle_id,
            dealt.c.verdict == START_ROW,
        )
        return source.join(dealt, same, isouter=not scope.is_proposal), dealt.c.assignee_id

    def _case_status(self) -> ColumnElement[Any]:
        """The status of the newest attempt."""
        known = work.cases.alias("known")
        found = select(known.c.status).where(*self.same_case(known)).order_by(known.c.attempt.desc()).limit(1)
        return found.correlate_except(known).scalar_subquery()

    def with_case(self, known: FromClause) -> FromClause:
        """The subjects, each beside its first case in this cycle where it has one."""
        return self.reading.source.outerjoin(known, and_(known.c.attempt == 1, *self.same_case(known)))

    def same_case(self, known: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Whether that row is a case about the subject in this cycle."""
        return (
            known.c.subject_type == self.plan.process.subject,
            known.c.subject_id == self.reading.subject_id,
            known.c.process_id == self.plan.published.process_id,
            known.c.cycle_id == self.cycle_id,
        )


def shard_of(key: ColumnElement[Any], shards: int) -> ColumnElement[int]:
    """The shard a client belongs to: scattered, so that numbers given in a pattern fill all shards alike."""
    return func.mod(func.mod(key * 7_919, 1_000_003), shards)


def cycle_in_sql(plan: Plan, reading: Reading, anchor: ColumnElement[Any]) -> ColumnElement[Any]:
    """The number of the cycle, as `tasks.record.cycle` has it: of the anchor's date, else of the ringing served."""
    cycle = plan.process.cycle
    if cycle == CAMPAIGN:
        return reading.id_of("campaign")
    if cycle != START and cycle not in CALENDAR:
        return reading.subject_id
    if plan.anchor is None:
        day = AsOf.of(plan.ringing).day if plan.ringing else plan.as_of.day
        number = scheduled_start(day) if cycle == START else calendar_cycle(cycle, day)
        return literal(number, BigInteger)
    day_of = anchor if FIELDS[plan.anchor].type is FieldType.DATE else func.timezone(settings().zone, anchor)
    shape = {START: "YYYYMMDD", "year": "YYYY", "quarter": "YYYYQ", "month": "YYYYMM"}[cycle]
    number_of_day = cast(func.to_char(day_of, shape), BigInteger)
    return -number_of_day if cycle == START else number_of_day
