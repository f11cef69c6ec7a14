"""Summary of a run, as text and as JSON."""

from collections.abc import Mapping, Sequence

import msgspec

from bundle import Manifest
from bundle.texts.counted_noun import counted
from scoring.outputs.finished_parts import RowCounts


class ScoringSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Summary of the output of a run.

    Attributes:
        out: Path of the output.
        inputs: Names of the files.
        model: Name and version of the model.
        rows: Number of rows.
        answered: Number of rows with an answer.
        refused: Number of rows without one.
        refused_file: Path of their errors; None when there are none.
        labels: Number of answers by label; empty in a regression.
        columns: Column of the input by the name of the field that it is.
        absent: Fields without a column.
        unreadable: Number of values that could not be read and count as absent, by field.
        notes: Sentences about the input.
        seconds: Duration of the run.
    """

    out: str
    inputs: list[str]
    model: dict[str, str]
    rows: int
    answered: int
    refused: int
    refused_file: str | None
    labels: dict[str, int]
    columns: dict[str, str]
    absent: list[str]
    unreadable: dict[str, int]
    notes: list[str]
    seconds: float


def make_summary(
    *,
    out: str,
    inputs: Sequence[str],
    manifest: Manifest,
    counts: RowCounts,
    refused_file: str | None,
    columns: Mapping[str, str],
    notes: Sequence[str],
    seconds: float,
) -> ScoringSummary:
    """Returns the summary of a run with these counts; arguments as the attributes of the summary."""
    return ScoringSummary(
        out=out,
        inputs=[*inputs],
        model={"name": manifest.name, "version": manifest.version},
        rows=counts.rows,
        answered=counts.rows - counts.refused,
        refused=counts.refused,
        refused_file=refused_file,
        labels={label: counts.labels.get(label, 0) for label in manifest.labels},
        columns={**columns},
        absent=[f.name for f in manifest.fields if f.name not in columns and not f.ignored],
        unreadable={**counts.unreadable},
        notes=[*notes],
        seconds=round(seconds, 1),
    )


def misspelt_notes(file: str, misspelt: Mapping[str, str]) -> list[str]:
    """Returns a sentence on each column of a file whose name resembles that of a field without a column."""
    return [
        f"{file} has a column {name!r}, which is no field and is only copied: did you mean {near!r}?"
        for name, near in misspelt.items()
    ]


def summary_text(summary: ScoringSummary) -> str:
    """Returns the summary for people."""
    model = f"{summary.model['name']}, version {summary.model['version']}"
    lines = [
        f"{summary.out}: {counted(summary.rows, 'row')}, {summary.answered:,} of them answered by {model}"
    ]
    if summary.labels and summary.answered:
        shares = (f"{label} {count / summary.answered:.1%}" for label, count in summary.labels.items())
        lines.append(f"answers: {', '.join(shares)}")
    renamed = [f"{name} from {theirs}" for name, theirs in summary.columns.items() if name != theirs]
    if renamed:
        lines.append(f"columns: {', '.join(renamed)}")
    if summary.absent:
        lines.append(f"not known of any row: {', '.join(summary.absent)}")
    for name, count in summary.unreadable.items():
        lines.append(
            f"cannot be read, and count as not known as in training: {counted(count, 'value')} of "
            f"{summary.columns[name]}"
        )
    if summary.refused:
        lines.append(f"without an answer: {counted(summary.refused, 'row')}, see {summary.refused_file}")
    speed = summary.rows / summary.seconds if summary.seconds else 0
    lines.append(f"{summary.seconds:.1f} s" + (f", {speed:,.0f} rows/s" if speed else ""))
    return "\n".join(lines)
