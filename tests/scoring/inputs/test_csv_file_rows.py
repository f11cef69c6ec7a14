"""Batches of a CSV file: about as many rows each, whatever the length of its lines."""

from pathlib import Path

import pytest

from scoring.inputs import csv_file_rows
from scoring.inputs.csv_file_rows import CsvFileRows


@pytest.mark.parametrize("length", [10, 100])
def test_a_batch_has_about_as_many_rows_whether_lines_are_short_or_long(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.setattr(csv_file_rows, "_ROWS", 50)
    monkeypatch.setattr(csv_file_rows, "_BLOCK_BYTES", (100, 100_000))
    path = tmp_path / "rows.csv"
    path.write_text("name\n" + f"{'x' * length}\n" * 1_000, encoding="utf-8")

    # When
    sizes = [len(batch.rows) for batch in CsvFileRows(path, "rows", len).batches()]

    # Then
    assert sum(sizes) == 1_000
    assert all(40 <= size <= 60 for size in sizes[:-1])


def test_a_batch_of_a_file_with_short_lines_has_a_least_size(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("n\n" + "1\n" * 500_000, encoding="utf-8")

    assert [len(batch.rows) for batch in CsvFileRows(path, "rows", len).batches()] == [500_000]
