"""Drawings that stand in a page, in its colours, and as files beside it.

Each is drawn once, in the light scheme's colours. In the page these are turned into the page's own variables,
so that a drawing follows the reader's scheme as the text around it does.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

INK, MUTED, LINE = "#1f2430", "#5b6472", "#d8dee6"
SERIES = ("#1a7f64", "#b4540a", "#3557c9", "#8a3ea6", "#7a6a00", "#a83246", "#2b7a9e", "#5d6b1f")
COLOURS = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES)},
}
MARKS = ("o", "s", "D", "^", "v", "P", "X", "*")
WIDTH = 5.0
DOTS_PER_INCH = 160

STYLE: "dict[RcKeyType, Any]" = {
    "axes.edgecolor": LINE,
    "axes.grid": True,
    "axes.grid.axis": "both",
    "axes.labelcolor": MUTED,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.size": 10.0,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": LINE,
    "xtick.labelcolor": INK,
    "ytick.color": LINE,
    "ytick.labelcolor": INK,
}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One drawing.

    Attributes:
        name: Of its file.
        caption: What it shows and how to read it, in plain text.
        svg: For a page that has the variables --ink, --muted, --line and --series-0 and so on.
        png: By itself, on white.
    """

    name: str
    caption: str
    svg: str
    png: bytes


@contextmanager
def styled() -> Iterator[None]:
    """Drawings made inside look alike, and the same on every run."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": "report"}):
        yield


def drawing(height: float, *, width: float = WIDTH, rows: int = 1, **spacing: Any) -> tuple[Drawing, Any]:
    """An empty drawing, in inches, and its axes."""
    figure = Drawing(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, 1, **spacing)


def chart(figure: Drawing, *, name: str, caption: str) -> Chart:
    """A finished drawing in both forms."""
    vector, pixels = io.StringIO(), io.BytesIO()
    mpl.rcParams["svg.hashsalt"] = name
    figure.savefig(vector, format="svg", metadata={"Date": None, "Creator": None})
    # It was laid out; doing so again would take as long as drawing.
    figure.set_layout_engine("none")
    figure.savefig(pixels, format="png", dpi=DOTS_PER_INCH, facecolor="white", metadata={"Software": None})
    return Chart(name=name, caption=caption, svg=_inline(vector.getvalue()), png=pixels.getvalue())


def legend(axes: Axes, **where: Any) -> None:
    """Names the series, if there are several: above the drawing unless told where."""
    above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(fontsize=9, handlelength=1.4, alignment="left", **(where or above))


def _inline(svg: str) -> str:
    """An SVG file as an element of a page: sized and coloured by the page, with no id it does not use."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<svg [^>]*?viewBox=\"([^\"]*)\"[^>]*>", r'<svg viewBox="\1" aria-hidden="true">', svg)
    used = set(re.findall(r'#([^")]+)[")]', svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", svg)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    # In attributes only: a figure in a text is as exact as it was written.
    svg = re.sub(r'"[^"]*"', lambda found: re.sub(r"(\d+\.\d\d)\d+", r"\1", found[0]), svg)
    for colour, variable in COLOURS.items():
        svg = svg.replace(colour, variable)
    return svg.strip()
