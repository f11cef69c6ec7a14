"""Files of outcomes: CSV or JSON Lines of request id, row and what really happened."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bundle import Manifest

ID, ROW, OUTCOME = "request_id", "row", "outcome"
SUFFIXES = (".csv", ".jsonl", ".ndjson")
# Value of an outcome: position of the label, or number of a regression.
OutcomeValue = float
# Bad rows that are named; all are counted.
_MOST_NAMED = 10
# Of a binary model, beside its labels.
_YES, _NO = ("1", "true"), ("0", "false")


@dataclass(kw_only=True)
class Outcomes:
    """Outcomes of requests.

    Attributes:
        values: Outcome by request id and row; of several for one row the last one.
        bad: Number of rows that are no outcome.
        named: Sentences on the first bad rows.
    """

    values: dict[str, dict[int, OutcomeValue]] = field(default_factory=dict)
    bad: int = 0
    named: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of outcomes."""
        return sum(map(len, self.values.values()))

    def add_file(self, name: str, content: bytes, manifest: Manifest) -> None:
        """Adds the outcomes of a file; a bad row is counted and named, and never fatal.

        Args:
            name: Name of the file, whose end is its format: one of SUFFIXES.
            content: Content of the file.
            manifest: Manifest of the model that the requests were for.
        """
        try:
            for line, row in _rows(name, content):
                try:
                    self._add(row, manifest)
                except ValueError as error:
                    self.add_bad(f"{name}, line {line}: {error}.")
        except ValueError as error:
            self.add_bad(f"{name}: {error}.")

    def _add(self, row: Mapping[str, Any] | ValueError, manifest: Manifest) -> None:
        if isinstance(row, ValueError):
            raise row
        if missing := [name for name in (ID, OUTCOME) if row.get(name) in (None, "")]:
            raise ValueError(f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing")
        position, value = _position(row.get(ROW)), _value(row[OUTCOME], manifest)
        self.values.setdefault(str(row[ID]), {})[position] = value

    def add_bad(self, sentence: str) -> None:
        """Counts a bad row, and names it if it is one of the first."""
        self.bad += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(sentence)


def _rows(name: str, content: bytes) -> Iterator[tuple[int, Mapping[str, Any] | ValueError]]:
    """Yields number and members of each row, or why a line is none; raises ValueError for a whole file."""
    if not name.endswith(SUFFIXES):
        raise ValueError(f"its name must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8") from None
    if name.endswith(".csv"):
        yield from _csv_rows(text)
    else:
        yield from _json_rows(text)


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    names = reader.fieldnames or ()
    if missing := [name for name in (ID, OUTCOME) if name not in names]:
        raise ValueError(
            f"its first line must name the columns {ID}, {OUTCOME} and, if needed, {ROW}; "
            f"{' and '.join(missing)} is missing"
        )
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num} is not CSV ({error})") from None


def _json_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any] | ValueError]]:
    # Not splitlines, which also ends lines inside of strings.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            yield number, ValueError(f"it is not JSON ({error})")
            continue
        yield number, row if isinstance(row, dict) else ValueError("it is not a JSON object")


def _position(given: Any) -> int:
    """Returns the position of a row in its request; the first one unless given."""
    if given in (None, ""):
        return 0
    text = str(given).strip()
    if text.isascii() and text.isdigit():
        return int(text)
    raise ValueError(f"{ROW} is {given!r}, and must be the position of a row in its request, from 0 on")


def _value(given: Any, manifest: Manifest) -> OutcomeValue:
    text = str(given).strip()
    if manifest.task == "regression":
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
        raise ValueError(f"{OUTCOME} is {given!r}, and must be a number")
    if text in manifest.labels:
        return float(manifest.labels.index(text))
    if manifest.task == "binary" and text.lower() in _YES + _NO:
        return float(text.lower() in _YES)
    also = " (or 1, 0, true, false)" if manifest.task == "binary" else ""
    raise ValueError(f"{OUTCOME} is {given!r}, and must be one of {', '.join(manifest.labels)}{also}")
