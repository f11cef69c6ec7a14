"""Runs of the command on files of a test, and the rows of its outputs."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from bundle import Bundle, Golden
from scoring.__main__ import main
from tests.tiny_bundle import write_tiny_bundle
from training.flights.request_fields import FIELDS

HEADER = "size,count,day,at,kind"
# Three rows of the tiny model with a column of their own; the model refuses the last one.
ROWS = f'{HEADER},note\n0,2,2024-02-29,17:45,ant,first\n3,,,,,"two\nlines, one cell"\n200,,,,,third\n'


def write_flights_bundle(path: Path) -> Bundle:
    """Writes a bundle with the name and fields of the default model, and a graph of a few operators."""
    names = ("carrier", "flight_date", "origin", "destination", "scheduled_departure")
    row = {field.name: field.example for field in FIELDS if field.name in names}
    golden = (Golden(instance=row, prediction={"label": "delay", "probability": 0.5}),)
    labels = ("on_time", "delay")
    return write_tiny_bundle(
        path, name="flight_delay", fields=FIELDS, golden=golden, labels=labels, positive_label="delay"
    )


class Scored:
    """The command on files of a folder.

    Args:
        folder: The folder, where the bundle is `model.tar.gz`.
        capsys: Captures what it prints.
    """

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.error = ""

    def write(self, name: str, content: str | bytes) -> Path:
        """Writes an input."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *sources: str | Path, out: str = "out.csv", options: Sequence[str] = ()) -> dict[str, Any]:
        """Scores files and returns the summary; fails unless the command succeeds."""
        code, printed = self._main(sources, out, [*options, "--json"])
        assert code == 0, self.error
        found: dict[str, Any] = msgspec.json.decode(printed)
        return found

    def refusal(self, *sources: str | Path, out: str = "out.csv", options: Sequence[str] = ()) -> str:
        """Scores files and returns the sentence of the error; fails unless the command exits with 1."""
        code, printed = self._main(sources, out, options)
        assert (code, printed) == (1, "")
        assert "Traceback" not in self.error
        *_, last = self.error.strip().splitlines()
        return last.removeprefix("python -m scoring: ")

    def rows(self, out: str = "out.csv") -> list[dict[str, Any]]:
        """Returns the rows of an output."""
        path = self.folder / out
        if path.suffix == ".parquet":
            found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
            return found
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in path.read_text().splitlines()]
        with path.open(newline="") as file:
            return [*csv.DictReader(file)]

    def refused(self, out: str = "out.csv") -> list[tuple[int, str, str]]:
        """Returns row, field and rule of the errors."""
        with (self.folder / f"{out}.refused.csv").open(newline="") as file:
            return [(int(row["row"]), row["field"], row["rule"]) for row in csv.DictReader(file)]

    def _main(self, sources: Sequence[str | Path], out: str, options: Sequence[str]) -> tuple[int, str]:
        files = [str(source) for source in sources]
        bundle = str(self.folder / "model.tar.gz")
        code = main([*files, "--out", str(self.folder / out), "--bundle", bundle, *options])
        printed, self.error = self._capsys.readouterr()
        return code, printed
