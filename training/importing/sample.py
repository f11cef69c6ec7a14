"""Sample rows of an import: a table whose columns the model takes, and perhaps the right answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.errors import TrainingError
from training.export.boosters.category_table import category_text
from training.importing.graphs.foreign_graph import InputKind
from training.importing.readers.rows_file import rows_of_file

_MOST_ROWS = 1_000_000
_TRUTH = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Sample rows.

    Attributes:
        name: File name, as shown to users.
        typed: The columns of the model as pandas reads them.
        texts: The same cells as text, or as they are in a file of types; `cells` makes text of them.
        answers: Right answers as text; None when they are not given.
        target: Column of the right answers; "" for none.
    """

    name: str
    typed: pd.DataFrame
    texts: pd.DataFrame
    answers: tuple[str, ...] | None
    target: str = ""

    def __len__(self) -> int:
        return len(self.typed)

    @cached_property
    def words(self) -> dict[str, bool]:
        """Whether each column has words, by its name."""
        return {str(name): kind.kind not in "biuf" for name, kind in self.typed.dtypes.items()}

    def cells(self, name: str) -> "pd.Series[str]":
        """Returns the cells of a column as text."""
        return self.texts[name].astype(str)

    def renamed(self, names: Mapping[str, str]) -> "Sample":
        """Copies the sample with other names of columns, by their present ones."""
        typed, texts = (table.rename(columns=dict(names)) for table in (self.typed, self.texts))
        return replace(self, typed=typed, texts=texts)

    def with_words(self, names: Sequence[str], numbers: Sequence[str] = ()) -> "Sample":
        """Copies the sample with columns as words, such as codes that pandas reads as numbers.

        Args:
            names: The columns.
            numbers: Those whose words are numbers, so that 10.0 is 10.
        """
        texts = self.texts
        for name in numbers:
            if name in self.typed and self.typed[name].dtype.kind in "iuf":
                texts = texts.assign(**{name: self.typed[name].astype(object).map(category_text)})
        wanted = [name for name in names if name in self.typed]
        words = {name: texts[name].astype(str).where(self.typed[name].notna(), np.nan) for name in wanted}
        return replace(self, typed=self.typed.assign(**words), texts=texts)

    def with_texts(self, names: Sequence[str]) -> "Sample":
        """Copies the sample with columns as texts, whose absent values are empty."""
        wanted = [name for name in names if name in self.typed]
        texts = {name: self.cells(name).where(self.typed[name].notna(), "") for name in wanted}
        return replace(self, typed=self.typed.assign(**texts), texts=self.texts.assign(**texts))

    def values(self, name: str, kind: InputKind) -> NDArray[Any]:
        """Returns a column: strings as objects, None where absent; all other kinds as float64, NaN if absent.

        Raises:
            TrainingError: When a value is not of that kind; it names the column and the first row.
        """
        typed = self.typed[name]
        absent = np.asarray(pd.isna(typed))
        if kind == "string":
            found = np.array(self.cells(name).tolist(), dtype=object)
            found[absent] = None
            return found
        if typed.dtype.kind in "biuf":
            numbers = np.asarray(typed.to_numpy(dtype=np.float64, na_value=np.nan))
        else:
            cells = self.cells(name).str.strip().str.lower()
            truth = cells.map(_TRUTH)
            numbers = np.array(truth.where(truth.notna(), pd.to_numeric(cells, errors="coerce")), dtype=float)
        wrong = ~absent & ~np.isfinite(numbers)
        wanted = "a finite number"
        if kind == "integer":
            wrong |= ~absent & (numbers != np.floor(numbers))
            wanted = "a whole number"
        if kind == "boolean":
            wrong |= ~absent & ~np.isin(numbers, (0, 1))
            wanted = "true or false"
        if wrong.any():
            row = int(np.argmax(wrong))
            shown = str(self.texts[name].iloc[row])[:50]
            raise TrainingError(
                f"The column {name!r} of {self.name} has {shown!r} in row {row} (the first row is 0), and "
                f"the model takes {wanted}: give it as the training did, or import the pipeline that encodes "
                "it."
            )
        return numbers


def read_sample(source: Path | pd.DataFrame, target: str, name: str = "") -> Sample:
    """Reads sample rows from a CSV file, JSON, a Parquet file or a data frame.

    Args:
        source: The file, or the rows.
        target: Column of the right answers; "" for none.
        name: Name of rows that are no file.

    Raises:
        TrainingError: When the file cannot be read, has no rows or too many, or lacks the target.
    """
    # No path, which would make the bundle depend on the machine.
    name = name or (source.name if isinstance(source, Path) else "the rows")
    typed, texts = rows_of_file(source, target) if isinstance(source, Path) else (source, source)
    typed.columns = texts.columns = [str(column) for column in typed.columns]
    if not len(typed):
        raise TrainingError(f"{name} has no rows below its header: give rows as the model gets them.")
    if len(typed) > _MOST_ROWS:
        raise TrainingError(f"{name} has {len(typed):,} rows, and an import takes at most {_MOST_ROWS:,}.")
    if typed.columns.has_duplicates:
        twice = typed.columns[typed.columns.duplicated()][0]
        raise TrainingError(f"{name} has two columns {twice!r}: rename one of them.")
    if not target:
        return Sample(name=name, typed=typed, texts=texts, answers=None)
    if target not in typed:
        folded = {column.casefold(): column for column in typed.columns}
        close = get_close_matches(target.casefold(), [*folded], n=1)
        hint = (
            f"did you mean {folded[close[0]]!r}?" if close else f"its columns are {', '.join(typed.columns)}."
        )
        raise TrainingError(f"{name} has no column {target!r} for --target: {hint}")
    if (row := pd.isna(typed[target])).all():
        raise TrainingError(
            f"The column {target!r} of {name} has no answer in any row: leave out --target, and the quality "
            "is not measured."
        )
    if row.any():
        raise TrainingError(
            f"The column {target!r} of {name} has no answer in row {int(np.argmax(row))} (the first row is "
            "0): leave out such rows."
        )
    answers = tuple(texts[target].astype(str).str.strip())
    return Sample(
        name=name,
        typed=typed.drop(columns=target),
        texts=texts.drop(columns=target),
        answers=answers,
        target=target,
    )
