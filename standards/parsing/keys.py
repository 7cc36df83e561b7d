"""Every key of the process language, by the place where it may stand."""

from __future__ import annotations

from standards.process import StepKind

PROCESS = ("process", "title", "subject", "cycle", "start", "begin", "assign", "steps", "on", "ends")

START_KINDS = ("schedule", "on", "list", "by hand")
START = (*START_KINDS, "when", "where", "leave out", "group", "assign")

STEP_KINDS = {
    "action": StepKind.TASK,
    "send": StepKind.SEND,
    "start": StepKind.START,
    "set": StepKind.SET,
    "record": StepKind.RECORD,
    "wait": StepKind.WAIT,
    "wait until": StepKind.WAIT,
    "wait for": StepKind.WAIT,
    "first of": StepKind.WAIT,
    "choose": StepKind.CHOOSE,
}

MOVES = ("next", "end", "reason", "cancel", "move to")
"""Where the case goes when nobody is there to be asked."""

LIMITED_MOVES = (*MOVES, "at most", "then")
OUTCOME = (*LIMITED_MOVES, "repeat in", "repeat", "ask", "label")
DESTINATIONS = ("next", "repeat in", "repeat", "end", "move to")
"""A transition has at most one of these; with none it finishes its branch."""

STEP_ANYWHERE = ("title", "after", "at most", "then")
STEP_WAITING = ("deadline", "on", "when anchor moves")
STEP_KEYS: dict[str, tuple[str, ...]] = {
    "action": (
        *("outcomes", "ask", "assign", "no later than", "requires", "for each", "proceed when"),
        *(*STEP_WAITING, *MOVES),
    ),
    "send": ("to", *MOVES),
    "start": ("outcomes", *STEP_WAITING, *MOVES),
    "set": MOVES,
    "record": ("from", *MOVES),
    "wait": (*STEP_WAITING, *MOVES),
    "wait until": (*STEP_WAITING, *MOVES),
    "wait for": ("where", *STEP_WAITING, *MOVES),
    "first of": (*STEP_WAITING, *MOVES),
    "choose": (),
}

TRIGGER_KINDS = ("on", "in", "at")
FIRST_OF = (*TRIGGER_KINDS, "where", *MOVES)
DEADLINE_KINDS = ("in", "at", "every")
DEADLINE = (*DEADLINE_KINDS, "at most", "keep", "where", *MOVES)
HEARD = ("keep", "where", *MOVES)
"""What may stand under a happening in `on` of a step."""

HEARD_BY_CASE = ("where", *MOVES)
"""What may stand under a happening in `on` of the whole process."""

JOIN = ("all of", "any of", "cancel the rest", "otherwise")
CHOICE = ("when", *LIMITED_MOVES)
OTHERWISE = "otherwise"
LAUNCH = ("process", "for", "for each")
LAUNCH_OF_STEP = (*LAUNCH, "wait")
ASSIGNMENT = ("from",)
QUESTION = ("type", "one of", "any of", "optional")
END = ("success", "title", "start")
ROUTE_TEAM = ("team", "by")
ROUTE_QUEUE = ("queue",)
ROUTE_SAME = ("same as",)
CONDITION = ("all", "any", "not")


def every_key() -> tuple[str, ...]:
    """Each key of the language once, in the order of first use."""
    places = (
        *(PROCESS, START, tuple(STEP_KINDS), STEP_ANYWHERE, *STEP_KEYS.values(), OUTCOME, FIRST_OF, DEADLINE),
        *(HEARD, JOIN, CHOICE, (OTHERWISE,), LAUNCH_OF_STEP, ASSIGNMENT, QUESTION, END),
        *(ROUTE_TEAM, ROUTE_QUEUE, ROUTE_SAME, CONDITION),
    )
    return tuple(dict.fromkeys(key for place in places for key in place))
