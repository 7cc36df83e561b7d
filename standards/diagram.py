"""A process as a picture: Mermaid text, which many editors and wikis draw."""

from __future__ import annotations

from collections.abc import Iterator

from standards.process import EVERYTHING, End, Join, Process, Start, StartKind, Step, StepKind, Transition, Trigger

_SHAPES = {
    StepKind.TASK: ("[", "]"),
    StepKind.SEND: ("[/", "/]"),
    StepKind.START: ("[[", "]]"),
    StepKind.SET: ("[(", ")]"),
    StepKind.RECORD: ("[(", ")]"),
    StepKind.WAIT: ("([", "])"),
    StepKind.CHOOSE: ("{", "}"),
}
_LONGEST = 60


def mermaid(process: Process, language: str = "en") -> str:
    """The process as a Mermaid flowchart; titles in that language, else in English, else the step's name in words."""
    lines = ["flowchart TD", *_starts(process), *_steps(process, language), *_ends(process, language)]
    for step in process.steps.values():
        lines += _ways_of(process, step, language)
    lines += _heard(process)
    return "\n".join(f"    {line}" if number else line for number, line in enumerate(lines)) + "\n"


def _starts(process: Process) -> Iterator[str]:
    yield f"start(({_text(' or '.join(_begins(start) for start in process.starts) or 'start')}))"
    for name in process.begin:
        yield f"start --> {_step(name)}"


def _begins(start: Start) -> str:
    match start.kind:
        case StartKind.SCHEDULE:
            return f"{start.schedule}, {start.when}" if start.when else str(start.schedule)
        case StartKind.HAPPENING:
            return str(start.happening)
        case StartKind.LIST:
            return f"list {start.list_path}"
        case StartKind.BY_HAND:
            return "by hand"


def _steps(process: Process, language: str) -> Iterator[str]:
    for step in process.steps.values():
        opening, closing = _SHAPES[step.kind]
        yield f"{_step(step.name)}{opening}{_text(_title(step, language))}{closing}"


def _title(step: Step, language: str) -> str:
    words = step.title.get(language) or step.title.get("en") or step.name.replace("_", " ")
    match step.kind:
        case StepKind.SEND:
            return f"letter {step.letter}"
        case StepKind.START:
            return f"process {step.launch.process}" if step.launch else words
        case StepKind.TASK:
            members = f" (for each {step.for_each.path})" if step.for_each else ""
            return f"{words}{members}"
        case _:
            return words


def _ends(process: Process, language: str) -> Iterator[str]:
    for end in process.ends.values():
        words = end.title.get(language) or end.title.get("en") or end.name.replace("_", " ")
        yield f"{_end(end.name)}((({_text(words)})))"
        yield from _launched(end)


def _launched(end: End) -> Iterator[str]:
    for launch in end.launches:
        yield f"{_end(end.name)} -.-> process_{launch.process}[[{_text(f'process {launch.process}')}]]"


def _ways_of(process: Process, step: Step, language: str) -> Iterator[str]:
    here = _step(step.name)
    for name, transition in step.outcomes.items():
        labels = step.labels.get(name, {})
        yield from _ways(process, here, labels.get(language) or name.replace("_", " "), transition, step)
    for number, choice in enumerate(step.choices, start=1):
        label = "otherwise" if number == len(step.choices) else f"way {number}"
        yield from _ways(process, here, label, choice.transition, step)
    for trigger in step.wait_for:
        yield from _ways(process, here, trigger.name, trigger.transition, step)
    for trigger in (*step.deadlines, *step.on):
        yield from _ways(process, here, _beside(trigger), trigger.transition, step, dotted=True)
    if step.then:
        yield from _ways(process, here, _after(step.at_most), step.then, step)
    if step.after and step.after.otherwise:
        yield from _ways(process, here, "otherwise", step.after.otherwise, step)
    if step.kind is not StepKind.WAIT and (step.goes_on.next or step.goes_on.end or _only_goes_on(step)):
        yield from _ways(process, here, "", step.goes_on, step)


def _after(times: int | None) -> str:
    return "after the first time" if times == 1 else f"after {times} times"


def _only_goes_on(step: Step) -> bool:
    return step.kind not in {StepKind.TASK, StepKind.CHOOSE, StepKind.WAIT} and not step.outcomes


def _beside(trigger: Trigger) -> str:
    often = f", at most {trigger.at_most} times" if trigger.at_most else ""
    return f"{trigger.name}{often}"


def _ways(
    process: Process, here: str, label: str, transition: Transition, step: Step, *, dotted: bool = False
) -> Iterator[str]:
    for target, words in _targets(process, label, transition, step):
        arrow = "-.->" if dotted else "-->"
        yield f"{here} {arrow}|{_text(words)}| {target}" if words else f"{here} {arrow} {target}"
    if transition.then:
        yield from _ways(process, here, f"{label}, {_after(transition.at_most)}", transition.then, step)


def _targets(process: Process, label: str, transition: Transition, step: Step) -> Iterator[tuple[str, str]]:
    if transition.repeat_in or transition.repeat_now:
        span = f"again in {transition.repeat_in}" if transition.repeat_in else "again"
        yield _step(step.name), f"{label}: {span}" if label else span
    elif transition.end:
        yield _end(transition.end), label
    elif transition.finishes_branch:
        for join in process.joins_of.get(step.name, ()):
            yield _step(join), _joined(label, process.steps[join].after)
    for name in transition.next:
        yield _step(name), label if transition.cancel != EVERYTHING else f"{label} (all else is cancelled)"


def _joined(label: str, join: Join | None) -> str:
    if join is None or join.count is None:
        return label
    return f"{label} ({join.count} of {len(join.steps)})".strip()


def _heard(process: Process) -> Iterator[str]:
    for number, trigger in enumerate(process.on, start=1):
        yield f"on{number}>{_text(f'on {trigger.name}')}]"
        transition = trigger.transition
        targets = [_end(transition.end)] if transition.end else [_step(name) for name in transition.next]
        for target in targets:
            yield f"on{number} -.-> {target}"


def _step(name: str) -> str:
    return f"step_{name}"


def _end(name: str) -> str:
    return f"end_{name}"


def _text(words: str) -> str:
    """Words in quotes, without anything Mermaid would read as its own."""
    cut = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return '"' + "".join(_ENTITIES.get(character, character) for character in " ".join(cut.split())) + '"'


_ENTITIES = {'"': "#quot;", "#": "#35;", ";": "#59;", "<": "#lt;", ">": "#gt;", "|": "#124;", "`": "#96;"}
