"""Pictures of figures, as SVG or PNG: readable in black and white and aloud, whatever names are in them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import Any
from xml.sax.saxutils import escape

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from core.errors import TaktasError, UsageError

SIZE = (10.0, 6.2)  # inches
DOTS_PER_INCH = 130
INK, GREY, PALE = "#111111", "#555555", "#bbbbbb"
UNDER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}  # so that no line strikes a word out
BELOW_MARKS, MARKS_AT = 2.5, 3  # no word hides a mark
LONGEST_NAME = 34  # letters of a label
TITLE_WIDTH = 88  # letters a line
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]|[\u202A-\u202E\u2066-\u2069]")
"""Nor what turns the direction of the letters after it round, counts included."""
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "taktas",
    "font.family": ["DejaVu Sans"],
    "font.size": 10.0,
    "text.parse_math": False,  # a name with two dollar signs is no formula
}


class PictureFormat(StrEnum):
    """How a picture is written."""

    SVG = "svg"
    PNG = "png"


class UnknownPicture(UsageError):
    """The file's name says no format a picture is written in."""


class NothingToDraw(TaktasError):
    """A picture without a single point."""


def picture_format(path: Path) -> PictureFormat:
    """By the ending of the file's name. Raises: UnknownPicture."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in set(PictureFormat):
        raise UnknownPicture(
            f"A picture is written as .svg or .png, not {path.name!r}. Name it chart.svg, for example."
        )
    return PictureFormat(ending)


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """A name as a label: on one line, without what no XML may hold, not too long."""
    told = " ".join(_NOT_IN_XML.sub("\ufffd", text).split())
    return told if len(told) <= longest else f"{told[: longest - 1]}…"


def new_picture(title: str, below: str) -> tuple[Figure, Axes]:
    """An empty picture under a title that says in a sentence what it shows, with a note below."""
    figure = Figure(figsize=SIZE, dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.085, 0.19, 0.885, 0.62))
    lines = "\n".join(wrap(plain(title, 400), TITLE_WIDTH))
    figure.text(0.02, 0.975, lines, fontsize=12.5, weight="bold", va="top", parse_math=False, color=INK)
    figure.text(
        0.02, 0.015, "\n".join(wrap(plain(below, 600), 140)), fontsize=8.5, va="bottom", parse_math=False, color=GREY
    )
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=True, color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def write_labels(
    axes: Axes, points: Iterable[tuple[float, float, str]], unnamed: Iterable[tuple[float, float]] = ()
) -> None:
    """Each name beside its point, where it covers neither another name nor another point, the `unnamed` included."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter the font lacks is drawn as a box
        _write_labels(axes, list(points), [axes.transData.transform(point) for point in unnamed])


def _write_labels(axes: Axes, kept: list[tuple[float, float, str]], unnamed: list[Any]) -> None:
    figure = axes.figure
    canvas: Any = figure.canvas
    renderer = canvas.get_renderer()
    dots = [axes.transData.transform((x, y)) for x, y, _ in kept]
    taken: list[Any] = [Text.get_window_extent(text, renderer) for text in axes.texts]
    for (x, y, name), own in sorted(zip(kept, dots, strict=True), key=lambda each: each[0][1]):
        others = [*unnamed, *(dot for dot in dots if dot is not own)]
        for label in _tries(axes, x, y, name):
            label.update_positions(renderer)
            box = Text.get_window_extent(label, renderer).expanded(1.02, 1.08)  # without the line that leads to it
            if _is_free(box, taken, others, axes):
                taken.append(box)
                break
            label.remove()


def legend_name(name: str) -> str:
    """A name as matplotlib explains it: it passes over those that begin with `_`."""
    return f" {plain(name)}" if name.startswith("_") else plain(name)


def legend_above(axes: Axes, columns: int = 6) -> None:
    """What the marks and lines mean, in rows above the picture, where it covers nothing.

    Side by side as many as the picture is wide enough for, whatever they are called.
    """
    with rc_context(_STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter the font lacks is drawn as a box
        for beside in range(columns, 0, -1):
            legend = axes.legend(
                loc="lower left",
                bbox_to_anchor=(-0.01, 1.0),
                ncols=beside,
                frameon=False,
                fontsize=8.5,
                columnspacing=1.2,
            )
            if legend.get_window_extent().x1 <= axes.figure.bbox.x1:
                return


def _tries(axes: Axes, x: float, y: float, name: str) -> Iterable[Annotation]:
    """The name near its point, then further and further away, with a thin line to it."""
    for distance in (0, 11, 22, 34, 48, 64, 82, 102, 124, 148):
        for side, up in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            line = {"arrowstyle": "-", "color": PALE, "linewidth": 0.6} if distance else None
            yield axes.annotate(
                plain(name),
                (x, y),
                xytext=(side * (7 + distance / 2), up * (distance + 1 if distance else 0)),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=8.5,
                color=INK,
                parse_math=False,
                arrowprops=line,
                bbox=UNDER,
                zorder=BELOW_MARKS,
            )


def _is_free(box: Any, taken: list[Any], dots: list[Any], axes: Axes) -> bool:
    inside = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1 and axes.bbox.y0 <= box.y0 <= box.y1 <= axes.bbox.y1
    covers = any(box.x0 - 4 <= x <= box.x1 + 4 and box.y0 - 3 <= y <= box.y1 + 3 for x, y in dots)
    return inside and not covers and not any(box.overlaps(other) for other in taken)


def picture(figure: Figure, form: PictureFormat, *, title: str, description: str) -> bytes:
    """The finished picture; an SVG tells its title and description to who cannot see it."""
    written = BytesIO()
    with rc_context(_STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter the font lacks is drawn as a box
        if form is PictureFormat.PNG:
            figure.savefig(written, format="png", metadata={"Title": plain(title, 400), "Software": None})
            return written.getvalue()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _told(written.getvalue().decode("utf-8"), plain(title, 400), plain(description, 5_000)).encode("utf-8")


def _told(svg: str, title: str, description: str) -> str:
    """The drawing with its title and description as its first children."""
    head, opening, rest = svg.partition("<svg ")
    attributes, closing, content = rest.partition(">")
    words = f'<title id="title">{escape(title)}</title>\n <desc id="description">{escape(description)}</desc>'
    return f'{head}{opening}role="img" aria-labelledby="title description" {attributes}{closing}\n {words}{content}'
