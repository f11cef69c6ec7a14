"""Results of a scoring job: counts of rows, and the marker _SUCCESS."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bundle.texts.counted_noun import counted
from stacks.commands.transform.s3_folder import S3Folder

_CSV = "text/csv"
_ERROR = "error"
_OUTPUT = "SageMakerOutput"


@dataclass(frozen=True, kw_only=True)
class Results:
    """Content of _SUCCESS.

    Attributes:
        job: Name of the job.
        model: Name of the model.
        version: Version of the model.
        output: S3 URI of the folder of the results.
        files: Number of files.
        rows: Number of rows.
        refused: Number of rows that have errors in the place of a prediction.
    """

    job: str
    model: str
    version: str
    output: str
    files: int
    rows: int
    refused: int

    @property
    def sentence(self) -> str:
        """The results for people."""
        wrong = "1 of them has" if self.refused == 1 else f"{self.refused:,} of them have"
        return (
            f"{self.output}: {self.rows:,} rows of {counted(self.files, 'file')} by {self.model}, version "
            f"{self.version}; {wrong} errors in the place of a prediction."
        )

    def encode(self) -> bytes:
        """Returns them as JSON."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"


def count_rows(folder: S3Folder, keys: Sequence[str], *, media_type: str) -> tuple[int, int]:
    """Returns the number of rows in outputs, and of those without a prediction; reads every output."""
    count = _count_csv if media_type == _CSV else _count_json
    rows = refused = 0
    for key in keys:
        found, without = count(folder.lines(key))
        rows, refused = rows + found, refused + without
    return rows, refused


def _count_csv(lines: Iterable[bytes]) -> tuple[int, int]:
    """Counts the rows of a CSV whose last column is the error of a row; a header has its name."""
    rows = refused = 0
    for cells in csv.reader(line.decode(errors="replace") for line in lines):
        error = cells[-1] if cells else ""
        if rows == 0 and error == _ERROR:
            continue
        rows += 1
        refused += bool(error)
    return rows, refused


def _count_json(lines: Iterable[bytes]) -> tuple[int, int]:
    rows = refused = 0
    for line in lines:
        rows += 1
        refused += "errors" in _answer(json.loads(line))
    return rows, refused


def _answer(line: dict[str, Any]) -> dict[str, Any]:
    """Returns the container's answer, which a join has put below a name."""
    found: dict[str, Any] = line.get(_OUTPUT, line)
    return found
