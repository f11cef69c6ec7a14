"""Report of an import: as data for `--json`, and as text for a terminal."""

import textwrap
from collections.abc import Iterator

import msgspec

from training.evaluation.manifest_metrics import BASELINE

_LINE_WIDTH = 110


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of an import.

    Attributes:
        model: Name of the model.
        version: Version of the bundle.
        path: Path of the bundle.
        bytes: Size of the bundle.
        page: Path of the HTML page.
        origin: What the model was made by.
        task: binary, multiclass or regression.
        labels: Labels, the positive one last.
        fields: Type of each field, by its name.
        rows: Number of sample rows.
        metrics: Metrics on the sample rows; empty when its answers are unknown.
        difference: Largest difference from the original's predictions of the sample rows.
        notes: Sentences on what was assumed, left out or changed.
    """

    model: str
    version: str
    path: str
    bytes: int
    page: str
    origin: str
    task: str
    labels: tuple[str, ...]
    fields: dict[str, str]
    rows: int
    metrics: dict[str, float]
    difference: float
    notes: tuple[str, ...]

    def as_text(self) -> str:
        """Returns the report as lines."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.model} {self.version}, imported"
        for note in self.notes:
            yield _filled("note", note)
        yield _filled("from", self.origin)
        yield _filled("answers", " or ".join(self.labels) if self.labels else "a number")
        yield _filled("fields", ", ".join(f"{name} ({kind})" for name, kind in self.fields.items()))
        if self.metrics:
            own = {name: value for name, value in self.metrics.items() if not name.endswith(f"_{BASELINE}")}
            figures = (f"{name} {value:.4g}" for name, value in own.items())
            yield _filled("quality", f"on the {self.rows:,} sample rows: {', '.join(figures)}")
        yield (
            f"  parity     differs by at most {self.difference:.1e} from the original on {self.rows:,} "
            f"{'row' if self.rows == 1 else 'rows'}"
        )
        yield f"  bundle     {self.path} ({self.bytes / 1024:,.0f} KiB)"
        yield f"  report     {self.page}"
        yield f"  serve it   make run MODEL={self.model}"


def _filled(title: str, text: str) -> str:
    return textwrap.fill(
        text,
        _LINE_WIDTH,
        initial_indent=f"  {title:11}",
        subsequent_indent=" " * 13,
        break_long_words=False,
        break_on_hyphens=False,
    )
