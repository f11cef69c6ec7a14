"""Texts with delimiters, read in blocks: the same cells as texts that are read at once."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from training.data.data_options import DataOptions
from training.tables.columns.cells import Cells, cells_of
from training.tables.columns.inference import has_decimal_commas, infer
from training.tables.columns.table_column import TableColumn
from training.tables.files import text_file
from training.tables.source_table import read_table

ROWS = 60
COLUMNS = {
    "whole": ["1", "-20", "300"],
    "points": ["1.5", ".5", "-2.25"],
    "whole with points": ["1.0", "2.0", "30.0"],
    "whole with points and gaps": ["1.0", "", "30.0"],
    "exponents": ["1e3", "2E-2", "5"],
    "gaps": ["4", "", "NA", "NaN", "7.5", " "],
    "spaces": [" 4", "5 ", " 6 "],
    "marks": ["4", "-", "None", "5"],
    "only marks": ["-", "None"],
    "blank": [""],
    "codes": ["10001", "94105", "02139"],
    "sums": ["$1,200.50", "-$3.25"],
    "large": ["123456789012345678901", "5"],
    "not a number": ["NAN", "1", "2"],
    "strings": ["a", "b", "None"],
    "numbers then strings": [*["1"] * 40, *["many"] * 20],
    "marks then strings": [*["-"] * 40, *["many", "few"] * 10],
    "blanks then numbers": [*[""] * 40, *["1", "2"] * 10],
    "order day": ["20240131", "20240229"],
    "moments": ["2024-01-31 10:00", "2024-02-29 11:30"],
    "flags": ["true", "FALSE"],
    "zeros and ones": ["0", "1"],
}


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "_BLOCK_BYTES", 200)


def repeated(cells: Sequence[str]) -> list[str]:
    return (list(cells) * ROWS)[:ROWS]


def read(path: Path, columns: dict[str, list[str]], *, delimiter: str = ",") -> dict[str, Cells]:
    rows = [columns, *zip(*columns.values(), strict=True)]
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return dict(read_table(DataOptions(source=str(path)), target="y").columns)


def inferred(columns: dict[str, Cells], *, comma_decimal: bool | None = None) -> tuple[TableColumn, ...]:
    return infer(columns, comma_decimal=comma_decimal).columns


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_the_same_field_as_one_of_texts(tmp_path: Path, name: str) -> None:
    columns = {name: repeated(COLUMNS[name]), "y": repeated(["yes", "no"])}

    found = read(tmp_path / "a.csv", columns)

    assert inferred(found) == inferred({key: cells_of(texts) for key, texts in columns.items()})


def test_plain_numbers_are_kept_as_numbers_and_the_target_as_it_is_written(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", {"x": repeated(["1", "2.50", ""]), "y": repeated(["1", "0"])})

    assert found["x"].kind == "number"
    assert found["x"].values[:2].tolist() == [1, 2.5]
    assert found["y"].texts.tolist() == ["1", "0"]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_points_between_thousands_are_read_so_beside_decimal_commas(tmp_path: Path, delimiter: str) -> None:
    columns = {"x": repeated(["1.250", "3.500", "7"]), "z": repeated(["2,5"]), "y": repeated(["yes", "no"])}

    found = read(tmp_path / "a.csv", columns, delimiter=delimiter)

    assert has_decimal_commas(found)
    assert inferred(found)[0].written == "1.234,5"


def test_letters_of_a_code_page_after_the_first_megabyte_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x,y\n" + b"plain,yes\n" * 120_000 + "größe,no\n".encode("cp1252"))
    monkeypatch.setattr(text_file, "_BLOCK_BYTES", 1 << 20)

    found = read_table(DataOptions(source=str(path)), target="y").columns

    assert found["x"].texts.tolist() == ["plain", "größe"]


def test_only_the_wanted_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,y\n1,2,yes\n3,4,no\n", encoding="utf-8")

    found = read_table(DataOptions(source=str(path)), target="y", wanted=["b", "y", "none"], as_text=["b"])

    assert ([*found.columns], found.names) == (["b", "y"], ["a", "b", "y"])
    assert found.columns["b"].texts.tolist() == ["2", "4"]
