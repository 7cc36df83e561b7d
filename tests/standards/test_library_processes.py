"""Every process that ships, and every reference process, is faultless, documented and the same in every layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from standards.canonical import content_hash, process_data
from standards.catalogue import LANGUAGES
from standards.checking import Surroundings, check_process, check_processes
from standards.definition_folder import Definitions, library_folder, read_definitions
from standards.diagram import mermaid
from standards.parsing import parse_process, process_of
from standards.parsing.keys import STEP_KINDS, every_key
from standards.process import Process
from standards.reading import Listing, Mapping, Node, Scalar, read_yaml

SHIPPED = sorted((library_folder() / "processes").glob("*.yaml"))
REFERENCE = sorted((Path(__file__).parent / "reference").glob("*.yaml"))
EVERY_FILE = [pytest.param(path, id=path.stem) for path in (*SHIPPED, *REFERENCE)]
EIGHT = {
    *("renewal", "new_sale", "cross_sale", "campaign"),
    *("invoice_to_debtor", "complaint", "retention", "reactivation"),
}


@pytest.fixture(scope="module")
def library() -> Definitions:
    """Everything that ships."""
    return read_definitions()


@pytest.fixture(scope="module")
def reference() -> dict[str, Process]:
    """The reference processes by name."""
    read = (process_of(path.read_text(encoding="utf-8"), path.name) for path in REFERENCE)
    return {process.name: process for process in read}


def _relaid(node: Node, key: str = "") -> Any:
    """The same content in another layout: no comments, everything in one line, keys backwards where order is free."""
    match node:
        case Scalar():
            return node.value if isinstance(node.value, bool | int | None) else node.text
        case Listing():
            return [_relaid(item) for item in node.items]
        case Mapping():
            entries = {name: _relaid(each, name) for name, each in node.entries.items()}
            is_ordered = key in {"steps", "leave out"}
            return entries if is_ordered else dict(reversed(entries.items()))


def test_the_eight_processes_of_a_broker_ship(library: Definitions) -> None:
    """Each in a file of its own name."""
    assert set(library.processes) == EIGHT
    assert {path.stem for path in SHIPPED} == EIGHT


def test_everything_that_ships_is_faultless(library: Definitions) -> None:
    """Processes, standards, calendars, letters and lists, checked together."""
    assert [str(problem) for problem in library.problems] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_process_says_what_it_is_about(path: Path) -> None:
    """A comment at its head, and in every language titles for itself, its tasks, their outcomes and its ends."""
    process = process_of(path.read_text(encoding="utf-8"), path.name)

    assert len(process.about) > 100
    assert set(process.title) == set(LANGUAGES)
    for end in process.ends.values():
        assert set(end.title) == set(LANGUAGES), end.name
    for step in process.steps.values():
        if step.action is not None:
            assert set(step.title) == set(LANGUAGES), step.name
            assert step.outcomes.keys() == step.labels.keys(), step.name
            assert all(set(labels) == set(LANGUAGES) for labels in step.labels.values()), step.name


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.stem)
def test_a_reference_process_is_faultless(path: Path, reference: dict[str, Process], library: Definitions) -> None:
    """Checked with the lists that ship; its letters and teams are the reference's own."""
    process, problems = parse_process(path.read_text(encoding="utf-8"), path.name)
    lists = {name: one.codes for name, one in library.lists.lists.items()}

    assert process is not None
    assert check_process(process, Surroundings(processes=reference, lists=lists), problems) == ()
    assert check_processes(reference.values()) == ()
    assert process.about.startswith(("C.", "The part of C."))


@pytest.mark.parametrize("path", EVERY_FILE)
def test_a_process_written_out_and_read_again_is_the_same(path: Path) -> None:
    """What is stored is what was meant."""
    process = process_of(path.read_text(encoding="utf-8"), path.name)

    again = process_of(json.dumps(process_data(process)))

    assert again == process
    assert content_hash(again) == content_hash(process)


@pytest.mark.parametrize("path", EVERY_FILE)
def test_the_hash_of_a_process_does_not_hang_on_its_layout(path: Path) -> None:
    """Comments, line breaks, quotes and the order of keys are the writer's taste."""
    source = path.read_text(encoding="utf-8")
    root, _ = read_yaml(source, path.name)
    assert root is not None

    relaid = process_of(json.dumps(_relaid(root), ensure_ascii=False))

    assert content_hash(relaid) == content_hash(process_of(source))


@pytest.mark.parametrize("path", EVERY_FILE)
def test_the_hash_of_a_process_tells_every_change(path: Path) -> None:
    """Another word in a title, another order of the steps."""
    process = process_of(path.read_text(encoding="utf-8"), path.name)
    data = process_data(process)

    reworded = process_of(json.dumps(data | {"title": {**data["title"], "en": "Something else"}}))
    reordered = process_of(json.dumps(data | {"steps": dict(reversed(data["steps"].items()))}))

    assert content_hash(reworded) != content_hash(process)
    assert (content_hash(reordered) != content_hash(process)) is (len(process.steps) > 1)


@pytest.mark.parametrize("path", EVERY_FILE)
def test_every_process_can_be_drawn(path: Path) -> None:
    """Every step and end stands in the picture, and every arrow ends at something that does."""
    process = process_of(path.read_text(encoding="utf-8"), path.name)

    lines = mermaid(process, "lt").splitlines()

    nodes = {
        line.strip().split("[")[0].split("(")[0].split("{")[0].split(">")[0] for line in lines[1:] if "--" not in line
    }
    nodes |= {line.split(" -.-> ")[1].split("[[")[0] for line in lines if " -.-> process_" in line}
    arrows = {line.split("| ")[-1].split("> ")[-1].split("[[")[0] for line in lines if "-->" in line or "-.->" in line}
    assert lines[0] == "flowchart TD"
    assert {f"step_{name}" for name in process.steps} | {f"end_{name}" for name in process.ends} <= nodes
    assert arrows <= nodes


def _keys_used(node: Node) -> Iterator[str]:
    if isinstance(node, Mapping):
        yield from node.entries
    for child in (
        node.entries.values() if isinstance(node, Mapping) else node.items if isinstance(node, Listing) else ()
    ):
        yield from _keys_used(child)


def test_every_key_of_the_language_is_used_somewhere() -> None:
    """A construct nobody needed would not have been written down."""
    used: set[str] = set()
    for path in (*SHIPPED, *REFERENCE):
        root, _ = read_yaml(path.read_text(encoding="utf-8"), path.name)
        assert root is not None
        used |= set(_keys_used(root))

    assert sorted(set(every_key()) - used) == []
    assert set(STEP_KINDS) <= used


@pytest.mark.parametrize("model", ["C.1.0", "C.3.0", "C.9.0", "C.9.1", "C.9.2"])
def test_the_reference_models_are_there_to_compare_with(model: str, real_data: Callable[[str], Path]) -> None:
    """Each reference model has a process of ours that names it in its head."""
    assert (real_data("bpmn_miwg") / f"{model}.bpmn").is_file()
    heads = [process_of(path.read_text(encoding="utf-8")).about for path in REFERENCE]
    assert any(head.startswith(model) for head in heads)
