"""How definitions, plans and explanations look on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.choices import choices
from cli.digest_words import digest_rows
from cli.output import Column, moment, say, show, show_json

if TYPE_CHECKING:
    from standards.definition_folder import Definitions
    from standards.process import Process, Step, Transition
    from tasks.handbooks.explaining import Explanation
    from tasks.handbooks.planning import EditionPlan, Planned


def counted(definitions: Definitions) -> str:
    """`8 processes, 48 standards, 4 calendars, 30 letters, 35 lists`."""
    numbers = (
        (len(definitions.processes), "process", "processes"),
        (len(definitions.book.standards), "standard", "standards"),
        (len(definitions.calendars), "calendar", "calendars"),
        (len(definitions.letters), "letter", "letters"),
        (len(definitions.lists.lists), "list", "lists"),
    )
    return ", ".join(f"{number} {one if number == 1 else several}" for number, one, several in numbers)


def plan_data(plan: EditionPlan) -> dict[str, Any]:
    """The plan for machines."""
    return {
        "planned": [
            {"kind": it.kind, "name": it.name, "version": it.version, "changes": list(it.changes)}
            for it in plan.planned
        ],
        "older_work": [
            {"process": it.process, "version": it.version, "open_cases": it.open_cases, "open_tasks": it.open_tasks}
            for it in plan.older
        ],
        "starts": [
            {
                "process": it.process,
                "already": it.already,
                "inside": it.waiting.inside,
                "behind": it.waiting.behind,
                "gone": it.waiting.gone,
                "weeks": list(it.weeks),
            }
            for it in plan.started
        ],
        "not_mentioned": list(plan.not_mentioned),
    }


def tell_plan(plan: EditionPlan) -> None:
    """The plan for people."""
    for planned in _letters_together(plan.planned):
        say(f"{named(planned.kind, planned.name)}: {_what(planned)}")
        for change in planned.changes:
            say(f"  {change}")
    if not plan.planned:
        say("Nothing has changed.")
    for older in plan.older:
        say(f"{older.process}@{older.version} keeps {older.open_cases} open cases with {older.open_tasks} open tasks.")
    for name in plan.not_mentioned:
        say(f"process {name}: not in this folder; it stays as it is.")
    say("")
    weeks = [Column(f"week_{number}", f"Week {number}", is_number=True) for number in _weeks(plan)]
    columns = [
        Column("process", "Process"),
        Column("already", "Waiting already", is_number=True),
        Column("inside", "Inside the window", is_number=True),
        Column("behind", "Behind", is_number=True),
        Column("gone", "Too late", is_number=True),
        *weeks,
    ]
    rows = [_start_row(it) for it in plan_data(plan)["starts"]]
    show(rows, columns, empty="No schedule starts anything.", title="Cases that would start")


def named(kind: str, name: str) -> str:
    """`process renewal`; the one book of standards needs no name."""
    return kind if kind == name else f"{kind} {name}"


def _letters_together(planned: Sequence[Planned]) -> Iterator[Planned]:
    """The languages of one letter on one line."""
    for (kind, name, version), several in groupby(planned, lambda it: (it.kind, it.name.split("/")[0], it.version)):
        same = list(several)
        languages = ", ".join(it.name.partition("/")[2] for it in same)
        yield replace(same[0], name=f"{name} ({languages})", version=version) if kind == "letter" else same[0]


def _weeks(plan: EditionPlan) -> range:
    return range(1, max((len(it.weeks) for it in plan.started), default=0) + 1)


def _start_row(data: Mapping[str, Any]) -> dict[str, Any]:
    weeks = {f"week_{number}": count for number, count in enumerate(data["weeks"], start=1)}
    return {name: data[name] for name in ("process", "already", "inside", "behind", "gone")} | weeks


def _what(planned: Planned) -> str:
    return "first version" if planned.version == 1 else f"new version {planned.version}"


def show_published(folder: Path | None) -> None:
    """All definitions that are published, or that stand in a folder; and when digests leave, as a file says it."""
    rows = list(_in_folder(folder) if folder is not None else _published())
    columns = [
        Column("kind", "What"),
        Column("name", "Name"),
        Column("version", "Version", is_number=True),
        Column("published_at", "Published"),
    ]
    show(rows, columns, empty="Nothing is published yet. Look at `taktas standards plan`, then publish.")


def _published() -> Iterator[dict[str, Any]]:
    from models.database import read
    from tasks.handbooks import handbook
    from tasks.handbooks.calendar_publishing import newest_calendars

    with read() as db:
        processes, book, letters = handbook.current_processes(db), handbook.book(db), handbook.current_letters(db)
        calendars = newest_calendars(db)
    for process in processes:
        yield {
            "kind": "process",
            "name": process.process.name,
            "version": process.version,
            "published_at": process.published_at,
        }
    if book.version:
        yield {"kind": "standards", "name": f"{len(book.book.standards)} standards", "version": book.version}
        yield from digest_rows(book.book.digests, book.version)
    yield from ({"kind": "calendar", "name": name, "version": version} for name, (version, _) in calendars.items())
    for letter in letters:
        yield {"kind": "letter", "name": f"{letter.letter.name}/{letter.letter.language}", "version": letter.version}


def _in_folder(folder: Path) -> Iterator[dict[str, Any]]:
    from standards.definition_folder import read_definitions

    found = read_definitions(folder)
    yield from ({"kind": "process", "name": name} for name in found.processes)
    yield from ({"kind": "standard", "name": standard.name} for standard in found.book.standards)
    yield from digest_rows(found.book.digests)
    yield from ({"kind": "calendar", "name": name} for name in found.calendars)
    yield from ({"kind": "letter", "name": f"{it.name}/{it.language}"} for it in found.letters)


def tell_process(label: str, process: Process, language: str) -> None:
    """One process step by step."""
    from standards.canonical import process_data

    if choices().is_json:
        show_json({"label": label} | process_data(process))
        return
    title = process.title.get(language) or process.title.get("en", process.name)
    subject = process.subject.replace("_", " ")
    article = "an" if subject[0] in "aeiou" else "a"
    say(f"{label}: {title}, about {article} {subject}")
    if process.about:
        say(f"\n{process.about}\n")
    rows = [_step_row(process, step, language) for step in process.steps.values()]
    columns = [
        Column("step", "Step"),
        Column("does", "Does"),
        Column("limit", "No later than"),
        Column("leads", "Leads to"),
    ]
    show(rows, columns, empty="It has no steps.")
    for trigger in process.on:
        say(f"At any time: {trigger.name} → {_where(trigger.transition)}")
    say(f"Ends: {', '.join(_end(name, end.success) for name, end in process.ends.items())}")


def _end(name: str, success: bool | None) -> str:
    told = {True: "success", False: "no success", None: "not counted"}
    return f"{name} ({told[success]})"


def _step_row(process: Process, step: Step, language: str) -> dict[str, Any]:
    title = step.title.get(language) or step.title.get("en") or ""
    mark = " (begins)" if step.name in process.begin else ""
    members = f", for each of {step.for_each.path}" if step.for_each else ""
    return {
        "step": f"{step.name}{mark}{_waited_for(step)}",
        "does": f"{_does(step)}{': ' if title else ''}{title}{members}",
        "limit": str(step.limit or ""),
        "leads": "; ".join(_leads(step)),
    }


def _waited_for(step: Step) -> str:
    """Of a join: which branches it waits for, and how many of them."""
    if step.after is None:
        return ""
    how_many = "all" if step.after.count is None else step.after.count
    return f" (after {how_many} of {', '.join(step.after.steps)})"


def _does(step: Step) -> str:
    details = {
        "task": step.action,
        "send": f"letter {step.letter} to the {step.letter_to}",
        "start": f"start {step.launch.process}" if step.launch else None,
    }
    return details.get(step.kind.value) or step.kind.value


def _leads(step: Step) -> Iterator[str]:
    yield from (f"{name} → {_where(transition)}" for name, transition in step.outcomes.items())
    yield from (
        f"{trigger.name} → {_where(trigger.transition)}" for trigger in (*step.wait_for, *step.deadlines, *step.on)
    )
    for number, choice in enumerate(step.choices, start=1):
        way = "otherwise" if number == len(step.choices) else f"way {number}"
        yield f"{way} → {_where(choice.transition)}"
    yield from _in_the_end(step)


def _in_the_end(step: Step) -> Iterator[str]:
    """Where the step itself leads, whatever its outcomes say, and where it leads when it may not be come to again."""
    when = "when enough are done " if step.for_each else "otherwise " if step.outcomes else ""
    if not (step.wait_for or step.choices or (step.outcomes and step.goes_on.finishes_branch)):
        yield f"{when}→ {_where(step.goes_on)}"
    if step.at_most is not None and step.then is not None:
        yield f"at most {_times(step.at_most)} in all, then {_where(step.then)}"
    if step.after is not None and step.after.otherwise is not None:
        yield f"if so many can no longer arrive → {_where(step.after.otherwise)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _where(transition: Transition) -> str:
    told = ", ".join(transition.next)
    if transition.end:
        told = f"end {transition.end}"
    elif transition.repeat_in is not None or transition.repeat_now:
        told = f"again in {transition.repeat_in}" if transition.repeat_in else "again at once"
    told = told or "stops here"
    if transition.at_most is None:
        return told
    then = f", then {_where(transition.then)}" if transition.then else ""
    return f"{told} (at most {_times(transition.at_most)}{then})"


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """The explanation for machines."""
    return {
        "about": explanation.about,
        "dimensions": {name: value for name, value in explanation.dimensions.as_mapping().items() if value},
        "book_version": explanation.book_version,
        "fields": dict(explanation.verdicts),
        "calendar": explanation.calendar,
        "moments": [{"name": it.name, "at": it.at, "how": it.how} for it in explanation.counted],
        "closed_days": list(explanation.closed),
        "moved": [{"at": it.at, "event": it.how} for it in explanation.moved],
    }


def tell_explanation(explanation: Explanation) -> None:
    """The explanation for people."""
    say(f"{explanation.about.capitalize()}: {explanation.dimensions}")
    book = f"book of standards {explanation.book_version}" if explanation.book_version else "no standards are published"
    say(f"\nWhat is asked, by the {book}:" if explanation.book_version else f"\n{book.capitalize()}.")
    for name, verdict in explanation.verdicts.items():
        winner = verdict["winner"]
        say(f"  {name.replace('_', ' ')}: {_value(winner['value'])}")
        say(f"    from {winner['name']} ({winner['file']}:{winner['line']}), for {winner['scope']}")
        for loser in verdict["losers"]:
            place = f"{loser['file']}:{loser['line']}"
            say(f"    not {_value(loser['value'])} from {loser['name']} ({place}), which {loser['why_not']}")
    say(f"\nCounted on the calendar {explanation.calendar}:")
    for counted_moment in explanation.counted:
        how = f", {counted_moment.how}" if counted_moment.how else ""
        say(f"  {counted_moment.name}: {moment(counted_moment.at)}{how}")
    if explanation.closed:
        say(f"  without open time: {'; '.join(explanation.closed)}")
    for moved in explanation.moved:
        say(f"  due {moment(moved.at)} was set by {moved.how}")


def _value(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_value(part) for part in value) or "never"
    if isinstance(value, Mapping):
        if "to" in value:
            return f"{value['to']} {value['after']} after due"
        return f"{value['when']}, at once"
    return str(value)
