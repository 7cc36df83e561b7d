"""What a process is, once it has been read: steps, outcomes, transitions, ends. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from standards.condition import ALWAYS, Condition
from standards.working_time.duration import AnchoredMoment, Duration, Schedule

EVERYTHING = ("*",)  # in Transition.cancel: all that is still alive in the case


class AnswerType(StrEnum):
    """What kind of answer an outcome asks for."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    CODE = "code"  # one of `choices`
    CODES = "codes"  # several of `choices`


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An answer that finishing asks for; it becomes the field `case.<name>`."""

    name: str
    type: AnswerType
    choices: tuple[str, ...] = ()
    code_list: str = ""  # instead of choices: the list the codes come from, such as insurers
    optional: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What comes after: at most one of next, repeat and end; none of them finishes the branch (see Join).

    `at_most` counts over the whole case how often this transition was taken; the next time `then` is taken instead.
    """

    next: tuple[str, ...] = ()
    repeat_in: Duration | None = None
    repeat_now: bool = False
    end: str | None = None
    reason: str | None = None
    ask: tuple[Question, ...] = ()
    at_most: int | None = None
    then: Transition | None = None
    cancel: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def finishes_branch(self) -> bool:
        """Whether the branch stops here and only arrives at the joins that list its step."""
        return not (self.next or self.repeat_in or self.repeat_now or self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One of the things a waiting step waits for, or a deadline beside a step: exactly one of the four is set.

    `keeps` says that firing leaves the step as it is (a reminder beside it); otherwise firing closes the step.
    `every` may ring more than once, `at_most` times.
    """

    name: str  # unique within its step: the happening, or the phrase as written
    happening: str | None = None
    span: Duration | None = None
    moment: AnchoredMoment | None = None
    every: Duration | None = None
    at_most: int | None = None
    keeps: bool = False
    condition: Condition = ALWAYS
    transition: Transition = field(default_factory=Transition)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Parallel branches that meet: fires when `count` of the listed steps have arrived; None means all.

    `all` counts what can still arrive: a branch that was cancelled or went elsewhere is not waited for.
    With `cancels_rest` what is still alive in the listed branches is cancelled when the join fires.
    """

    steps: tuple[str, ...]
    count: int | None = None
    cancels_rest: bool = False
    otherwise: Transition | None = None  # when so many can no longer arrive
    line: int = field(default=0, compare=False)


class RouteKind(StrEnum):
    """How a person is found for a task."""

    ROLE = "role"  # client.account_manager, client.handler, case.owner, campaign.owner …
    BY_TURN = "by_turn"
    BY_LOAD = "by_load"
    QUEUE = "queue"  # of a team; without a team: of the house
    SAME_AS = "same_as"  # who did that step


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way of finding the person; several are tried in order."""

    kind: RouteKind
    path: str | None = None
    team: str | None = None
    step: str | None = None
    line: int = field(default=0, compare=False)


class StepKind(StrEnum):
    """What a step does when the case comes to it."""

    TASK = "task"
    SEND = "send"
    START = "start"
    SET = "set"
    RECORD = "record"  # next_term: the renewed cover becomes the policy's next term
    WAIT = "wait"
    CHOOSE = "choose"


class WhenAnchorMoves(StrEnum):
    """What an open task does when the moment its deadline hangs on is corrected."""

    MOVE = "move"
    STAY = "stay"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForEach:
    """One task (or sub-process) per member of a list: `term.receivables`, `case.insurers` …

    `proceed` is how many members must be finished before the step's own `next`; None means all.
    """

    path: str
    proceed: int | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Starting another process: for the subject found along `for_path`, or one for each member of `for_each`."""

    process: str
    for_path: str | None = None
    for_each: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The first whose condition holds is taken."""

    condition: Condition
    transition: Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`set:` a field to a plain value, to another field's value, or to the day of the step (`today`)."""

    path: str
    value: Any = None
    from_path: str | None = None
    is_today: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of a process; which facts are set depends on its kind."""

    name: str
    kind: StepKind
    line: int = field(default=0, compare=False)
    title: dict[str, str] = field(default_factory=dict)  # language -> template with {fields}
    action: str | None = None
    outcomes: dict[str, Transition] = field(default_factory=dict)  # of a task; of a waited sub-process: by its end
    labels: dict[str, dict[str, str]] = field(default_factory=dict)  # outcome -> language -> label
    ask: tuple[Question, ...] = ()  # asked whatever the outcome
    assign: tuple[Route, ...] = ()
    limit: AnchoredMoment | None = None  # no later than
    when_anchor_moves: WhenAnchorMoves = WhenAnchorMoves.MOVE
    requires: tuple[str, ...] = ()
    for_each: ForEach | None = None
    after: Join | None = None
    at_most: int | None = None  # rounds over the whole case; beyond it `then` is taken
    then: Transition | None = None
    deadlines: tuple[Trigger, ...] = ()
    on: tuple[Trigger, ...] = ()  # happenings that close or move this step
    letter: str | None = None
    letter_to: str = "client"
    launch: Launch | None = None
    launch_waits: bool = False
    sets: tuple[Assignment, ...] = ()
    records: dict[str, str] = field(default_factory=dict)  # premium_gross -> case.premium …
    wait_for: tuple[Trigger, ...] = ()  # whichever comes first
    choices: tuple[Choice, ...] = ()
    # after an automatic step; of a for-each: when enough are done
    goes_on: Transition = field(default_factory=Transition)
    lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)  # key -> line

    def line_of(self, key: str) -> int:
        """The line on which that key of the step was written, for messages."""
        return self.lines.get(key, self.line)


class StartKind(StrEnum):
    """What makes a case begin."""

    SCHEDULE = "schedule"
    HAPPENING = "happening"
    LIST = "list"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Which subjects share one task: a client's within a span, or a programme's."""

    by: str  # client | programme
    within: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One way in which cases begin."""

    kind: StartKind
    schedule: Schedule | None = None
    when: AnchoredMoment | None = None
    happening: str | None = None
    list_path: str | None = None
    where: Condition = ALWAYS
    leave_out: dict[str, Condition] = field(default_factory=dict)  # reason -> condition, in the order written
    assign: tuple[Route, ...] = ()
    group: Group | None = None
    line: int = field(default=0, compare=False)
    lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)  # reason of leave out -> line


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One way in which a case ends, and what that starts."""

    name: str
    success: bool | None
    title: dict[str, str] = field(default_factory=dict)
    launches: tuple[Launch, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class Process:
    """A whole definition; immutable once published.

    `on` holds while no live step hears the same happening itself: a step's own `on` comes first, so that what was
    nearly done (an accepted offer not yet bound) is not swept away by a rule for the whole case.
    """

    name: str
    title: dict[str, str]
    subject: str
    cycle: (
        str  # term | campaign | receivable | interaction | claim | year | quarter | month | start (each start its own)
    )
    starts: tuple[Start, ...]
    begin: tuple[str, ...]  # the step or steps a new case opens with
    steps: dict[str, Step]
    on: tuple[Trigger, ...]
    ends: dict[str, End]
    assign: tuple[Route, ...] = ()
    about: str = field(default="", compare=False)  # the comment at the head of the file
    file: str = field(default="", compare=False)

    @cached_property
    def joins_of(self) -> dict[str, tuple[str, ...]]:
        """Step -> the steps that wait for it in their `after`."""
        found: dict[str, list[str]] = {name: [] for name in self.steps}
        for step in self.steps.values():
            for awaited in step.after.steps if step.after else ():
                found.setdefault(awaited, []).append(step.name)
        return {name: tuple(joins) for name, joins in found.items()}

    def question(self, step: Step, outcome: str) -> tuple[Question, ...]:
        """What finishing this step with this outcome asks for."""
        return step.ask + step.outcomes[outcome].ask
