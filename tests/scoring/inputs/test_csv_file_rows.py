"""Batches of a CSV file: about as many rows each, whatever the length of its lines."""

from pathlib import Path

import pytest

from scoring.errors import ScoringError
from scoring.inputs import csv_file_rows
from scoring.inputs.csv_file_rows import CsvFileRows

ASCII = "plain,1\n" * 20


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
    assert len(sizes) >= 1_000 / 60
    assert all(40 <= size <= 60 for size in sizes[:-1])


def test_a_batch_of_a_file_with_short_lines_has_a_least_size(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("n\n" + "1\n" * 500_000, encoding="utf-8")

    assert [len(batch.rows) for batch in CsvFileRows(path, "rows", len).batches()] == [500_000]


@pytest.mark.parametrize("more_cells", ["", "a,b,c\n"])
def test_a_code_page_is_recognized_behind_a_beginning_of_ascii(
    more_cells: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.setattr(csv_file_rows, "SAMPLE_BYTES", 64)
    monkeypatch.setattr(csv_file_rows, "_BLOCK_BYTES", (64, 64))
    path = tmp_path / "rows.csv"
    path.write_bytes(f"x,y\n{ASCII}größe,2\n{more_cells}größe,3\n".encode("cp1252"))

    # When
    batches = [*CsvFileRows(path, "rows", len).batches()]

    # Then
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    malformed = [place for batch in batches for place in batch.malformed]
    assert [row["x"] for row in rows] == [*["plain"] * 20, "größe", *(["a"] if more_cells else []), "größe"]
    assert len(malformed) == bool(more_cells)


def test_a_text_of_two_encodings_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file_rows, "SAMPLE_BYTES", 64)
    path = tmp_path / "rows.csv"
    path.write_bytes(f"x,y\ngröße,1\n{ASCII}".encode() + "größe,2\n".encode("cp1252"))

    with pytest.raises(ScoringError, match="its line 23 has bytes that are none"):
        [*CsvFileRows(path, "rows", len).batches()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ragged", ["", " 5 ", "5 6 7"])
def test_columns_between_spaces_are_read_and_rows_of_another_width_are_refused(
    ragged: str, encoding: str, tmp_path: Path
) -> None:
    # Given
    even = [' größe   "a  b" ', "1\t2"] * 75
    path = tmp_path / "rows.data"
    path.write_bytes("\r\n".join(["x  y", *even, ragged, "3  4"]).encode(encoding))

    # When
    batches = [*CsvFileRows(path, "rows", len).batches()]

    # Then
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    rules = [rule for batch in batches for rule in batch.malformed.values()]
    assert rows[:2] == [{"x": "größe", "y": "a  b"}, {"x": "1", "y": "2"}]
    assert rows[-1] == {"x": "3", "y": "4"}
    cells = len(ragged.split())
    assert rules == ([f"has {cells} cells between spaces: the header has 2"] if ragged else [])
