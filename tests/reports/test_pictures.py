"""Pictures: what is in them can be read, heard and looked at, and nothing in a name can do harm."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from defusedxml import ElementTree
from matplotlib.text import Text

from reports.assignment import Question
from reports.comparison import Against, Verdict, compare
from reports.drawing import (
    NothingToDraw,
    PictureFormat,
    UnknownPicture,
    legend_above,
    legend_name,
    new_picture,
    picture,
    picture_format,
    plain,
    write_labels,
)
from reports.funnel_chart import funnel, headline
from reports.pace import curve
from reports.pace_chart import pace_chart
from reports.period import Period

SVG = "{http://www.w3.org/2000/svg}"
PERIOD = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone="Europe/Vilnius")
QUESTION = Question(period=PERIOD, by=(), as_of=datetime(2026, 3, 20, tzinfo=UTC))
HOSTILE = [
    "<script>alert(1)</script>",
    '"/><image href="javascript:alert(1)"/>',
    "$\\frac{1}{0}$ $x",
    "--></desc><foreignObject>",
    "\x00\x07\x1b[31m\ud800",
    "]]>&amp;&#0;",
    "\u202egnp.exe",
    "漢字 \U0001f600",
]


def drawn(desk: Any, names: list[str], form: PictureFormat = PictureFormat.SVG) -> bytes:
    """The funnel of people with these names, half of what they did on time."""
    called: dict[int | None, str] = {}
    for number, name in enumerate(names):
        who = desk.employee(f"someone {number}")
        for task in range(4 + 2 * number):
            day = 3 if task % 2 else 5
            ended = datetime(2026, 3, day, tzinfo=UTC)
            desk.done(by=who, at=ended, due_at=datetime(2026, 3, 4, tzinfo=UTC))
        called[who] = name
    told = compare(desk.db, QUESTION, against=Against.HOUSE)
    renamed = tuple(replace(point, name=called[point.key]) for point in told.points)
    return funnel(replace(told, points=renamed), form)


def texts(svg: bytes) -> list[str]:
    """Every text that is drawn."""
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_hostile_names_stay_text(desk: Any) -> None:
    """No element, no link, no script, no formula: only the letters, as far as XML may hold them."""
    svg = drawn(desk, HOSTILE)

    root = ElementTree.fromstring(svg)
    kinds = {node.tag.removeprefix(SVG) for node in root.iter()}
    assert not kinds & {"script", "foreignObject", "image", "a", "iframe"}
    assert not [name for node in root.iter() for name in node.attrib if name.lower().startswith("on")]
    assert any(text.startswith("<script>alert(1)</sc") for text in texts(svg))
    assert any("$\\frac{1}{0}$" in text for text in texts(svg))


def test_a_picture_can_be_heard(desk: Any) -> None:
    """Title and description come first, with every number; the drawing is named by them."""
    root = ElementTree.fromstring(drawn(desk, ["Asta", "Benas"]))

    title, description = list(root)[:2]
    assert (root.attrib["role"], root.attrib["aria-labelledby"]) == ("img", "title description")
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert (title.text or "").startswith("Work on time against what was expected of the same mix of work, 2026-03-01")
    assert "Asta: 2 of 4, 2.0 expected, ratio 1.00, within chance" in (description.text or "")


def test_a_picture_names_its_axes_and_counts(desk: Any) -> None:
    """Units on both axes, numerator and denominator beside each name."""
    told = texts(drawn(desk, ["Asta", "Benas"]))

    assert {"Asta 2/4", "Benas 3/6", "On time: observed / expected"} <= set(told)
    assert any(text.startswith("Amount of work (tasks") for text in told)
    assert any(text.startswith("95 %") for text in told)


def test_no_two_names_overlap(desk: Any) -> None:
    """Twelve people in nearly the same place."""
    figure, axes = new_picture("Title", "Note")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 2)
    write_labels(axes, [(50 + number / 5, 1 + number / 90, f"Somebody {number}") for number in range(12)])

    boxes = [_own(text) for text in axes.texts]
    assert len(boxes) == 12
    assert not [one for place, one in enumerate(boxes) for other in boxes[:place] if one.overlaps(other)]
    assert figure.axes == [axes]


def test_a_name_covers_no_mark_and_stays_in_the_picture() -> None:
    """Not of those without a name either, nor the end of the picture, nor another word in it."""
    _, axes = new_picture("Title", "Note")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 2)
    word = axes.text(100, 1.0, "as expected", ha="right", va="center")
    crowd = [(94 + number, 1 + side / 20) for number in range(6) for side in (-1, 1)]
    write_labels(axes, [(90.0, 1.0, "Somebody with a long name"), (99.0, 1.1, "Another 309/400")], crowd)

    (_, *names), dots = axes.texts, axes.transData.transform(crowd)
    for box in map(_own, names):
        assert not [dot for dot in dots if box.x0 <= dot[0] <= box.x1 and box.y0 <= dot[1] <= box.y1]
        assert axes.bbox.x0 <= box.x0 <= box.x1 <= axes.bbox.x1
        assert not box.overlaps(_own(word))
    assert len(names) == 2


def test_the_title_counts_who_differs(desk: Any) -> None:
    """None, one, several: as a sentence has it."""
    people = [desk.employee(name) for name in ("Asta", "Benas", "Ceslovas")]
    for who in people:
        desk.done(by=who, at=datetime(2026, 3, 3, tzinfo=UTC), due_at=datetime(2026, 3, 4, tzinfo=UTC))
    told = compare(desk.db, QUESTION, against=Against.HOUSE)

    def counted(*verdicts: Verdict) -> str:
        points = tuple(replace(point, verdict=it) for point, it in zip(told.points, verdicts, strict=True))
        return headline(replace(told, points=points)).partition(": ")[2]

    within, less, perhaps = Verdict.WITHIN, Verdict.LESS, Verdict.PERHAPS_MORE
    assert counted(within, within, within) == "none of 3 differs by more than chance explains."
    assert counted(less, within, perhaps) == "1 of 3 differs by more than chance explains, 1 perhaps."
    assert counted(less, less, within) == "2 of 3 differ by more than chance explains."


def _own(text: Any) -> Any:
    """The box of a label without the line that leads to it."""
    return Text.get_window_extent(text)


def test_the_same_figures_give_the_same_picture(desk: Any) -> None:
    """No date and no random names inside: a picture can be kept under version control."""
    curves = [curve("all together", (), np.array([3600, 7200]), np.array([9000]))]

    assert pace_chart(QUESTION, curves, PictureFormat.SVG) == pace_chart(QUESTION, curves, PictureFormat.SVG)


def test_a_png_is_a_png(desk: Any) -> None:
    """With names no font has."""
    assert drawn(desk, HOSTILE, PictureFormat.PNG).startswith(b"\x89PNG\r\n")


def test_every_naughty_string_can_be_a_name(real_data: Any) -> None:
    """As a label in one large picture that any reader of XML takes."""
    folder: Path = real_data("naughty_strings")
    listed = json.loads(min(folder.rglob("*.json")).read_text(encoding="utf-8"))
    figure, axes = new_picture("Naughty", "")
    for place, name in enumerate(listed):
        axes.text(place / len(listed), 0.5, plain(name), parse_math=False)

    root = ElementTree.fromstring(picture(figure, PictureFormat.SVG, title="Naughty", description="\n".join(listed)))

    assert len(list(root.iter(f"{SVG}text"))) >= len([name for name in listed if plain(name).strip()])


def test_the_curves_say_how_many_and_when(desk: Any) -> None:
    """One sentence above, half and nine in ten marked."""
    curves = [curve("all together", (), np.array([3600, 7200, 10800]), np.array([14400]))]

    told = texts(pace_chart(QUESTION, curves, PictureFormat.SVG))

    joined = " ".join(told)
    assert "Of 4 pieces of work assigned 2026-03-01 to 2026-03-31, half is done after 2.0 hours" in joined
    assert {"all together (3 of 4 done)", "Working hours since it was assigned"} <= set(told)


def test_what_the_lines_mean_is_read_whole_whatever_they_are_called(desk: Any) -> None:
    """Every line is explained inside the picture, also where its name is long, hidden to matplotlib or a formula."""
    names = ["Compañía de Seguros y Reaseguros, S.A.", "_hidden", "$\\frac{1}{0}$", "a $b$ c $$", "<b>&", "x" * 80]
    curves = [curve(name, (), np.array([3600, 7200]), np.array([14400])) for name in names]

    told = texts(pace_chart(QUESTION, curves, PictureFormat.SVG))
    _, axes = new_picture("Title", "Note")
    for name in names:
        axes.plot([0, 1], [0, 1], label=f"{legend_name(name)} (12,345 of 12,345 done)")
    legend_above(axes, columns=3)

    explained = [text.strip() for text in told if "2 of 3 done" in text]
    assert explained == [f"{plain(name)} (2 of 3 done)" for name in names]
    legend = axes.get_legend()
    assert legend is not None
    box = legend.get_window_extent()
    assert len(legend.get_texts()) == len(names)
    assert axes.figure.bbox.x0 <= box.x0 <= box.x1 <= axes.figure.bbox.x1


def test_there_must_be_something_to_draw(desk: Any) -> None:
    """Word for word, and a file that can be a picture."""
    with pytest.raises(NothingToDraw) as no_points:
        funnel(compare(desk.db, QUESTION), PictureFormat.SVG)
    with pytest.raises(NothingToDraw) as no_curve:
        pace_chart(QUESTION, [], PictureFormat.SVG)
    with pytest.raises(UnknownPicture) as refusal:
        picture_format(Path("chart.pdf"))

    assert str(no_points.value) == (
        "There is nothing to draw: no work of these days can be judged yet. Ask for other days."
    )
    assert str(no_curve.value) == "There is nothing to draw: nothing was assigned in these days. Ask for other days."
    assert str(refusal.value) == (
        "A picture is written as .svg or .png, not 'chart.pdf'. Name it chart.svg, for example."
    )
    assert picture_format(Path("Chart.SVG")) is PictureFormat.SVG
