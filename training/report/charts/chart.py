"""Chart: a Matplotlib figure as inline SVG for the page and as a PNG file.

A figure is drawn once, in the colours of the light scheme. In the SVG these colours are replaced by the
page's CSS variables, so that a chart follows the reader's light or dark scheme.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

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
FIGURE_WIDTH = 5.0
PLOT_HEIGHT = 4.4
HISTOGRAM_BINS = 40
DOTS_PER_INCH = 160

RC_PARAMS: "dict[RcKeyType, Any]" = {
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
    """A drawn chart.

    Attributes:
        name: Name of the PNG file without extension, and id of the figure in the page.
        caption: What the chart shows and how to read it, as plain text.
        svg: SVG element that uses the CSS variables --ink, --muted, --line and --series-0 to --series-7.
        png: PNG file with a white background.
    """

    name: str
    caption: str
    svg: str
    png: bytes


@contextmanager
def styled() -> Iterator[None]:
    """Sets the Matplotlib style of all charts, and makes their SVG identifiers reproducible."""
    with mpl.rc_context({**RC_PARAMS, "svg.hashsalt": "report"}):
        yield


def new_figure(
    height: float, *, width: float = FIGURE_WIDTH, rows: int = 1, **spacing: Any
) -> tuple[Figure, Any]:
    """Returns an empty figure, its size in inches, and its axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, 1, **spacing)


def finished_chart(figure: Figure, *, name: str, caption: str) -> Chart:
    """Renders a figure as SVG and PNG."""
    vector, pixels = io.StringIO(), io.BytesIO()
    mpl.rcParams["svg.hashsalt"] = name
    # Figure.savefig would draw each file twice, the first time for the layout. The canvases have no types.
    vector_canvas: Any = FigureCanvasSVG(figure)
    figure.dpi = vector_canvas.fixed_dpi
    # The layout is computed once, for both files: that takes as long as drawing.
    if layout := figure.get_layout_engine():
        layout.execute(figure)
    figure.set_layout_engine("none")
    vector_canvas.print_svg(vector, metadata={"Date": None, "Creator": None})
    figure.dpi = DOTS_PER_INCH
    figure.set_facecolor("white")
    pixel_canvas: Any = FigureCanvasAgg(figure)
    pixel_canvas.print_png(pixels, metadata={"Software": None})
    return Chart(name=name, caption=caption, svg=_inline(vector.getvalue()), png=pixels.getvalue())


def legend(axes: Axes, **where: Any) -> None:
    """Adds a legend when there are several series: above the axes unless `where` has other arguments."""
    above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(fontsize=9, handlelength=1.4, alignment="left", **(where or above))


def _inline(svg: str) -> str:
    """Converts an SVG file to an element that the page sizes and colours, without unused ids."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<svg [^>]*?viewBox=\"([^\"]*)\"[^>]*>", r'<svg viewBox="\1" aria-hidden="true">', svg)
    used = set(re.findall(r'#([^")]+)[")]', svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", svg)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    # Rounds coordinates in attributes only, not numbers in texts.
    svg = re.sub(r'"[^"]*"', lambda found: re.sub(r"(\d+\.\d\d)\d+", r"\1", found[0]), svg)
    for colour, variable in COLOURS.items():
        svg = svg.replace(colour, variable)
    return svg.strip()
