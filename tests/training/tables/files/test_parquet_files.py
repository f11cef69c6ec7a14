"""Parquet: one file, compressed or not, and folders of files."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.tables.choices.target import find_target
from training.tables.columns.cells import cells_of
from training.tables.files import parquet_files
from training.tables.source_table import Table, read_table

FRAME = pd.DataFrame({"a.b": [1, 2], "a": ["x", "y"], "y": ["no", "yes"]})


def read(path: Path) -> Table:
    return read_table(DataOptions(source=str(path)), target="y")


def test_a_folder_is_one_table(tmp_path: Path) -> None:
    for number in (1, 2):
        FRAME.to_parquet(tmp_path / f"part-{number}.parquet")
    (tmp_path / "_SUCCESS").touch()

    found = read(tmp_path)

    assert found.columns["a.b"].values.tolist() == [1, 2, 1, 2]
    assert found.columns["a"].texts.tolist() == ["x", "y"]


def test_columns_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_files, "_BLOCK_CELLS", 4)
    FRAME.to_parquet(tmp_path / "a.parquet")

    found = read(tmp_path / "a.parquet").columns

    assert found["a.b"].values.tolist() == [1, 2]
    assert found["y"].texts.tolist() == ["no", "yes"]


def test_a_folder_of_partitions_has_their_values(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path, partition_cols=["y"])

    assert read(tmp_path).columns["y"].texts.tolist() == ["no", "yes"]


def test_files_of_other_programs_in_a_folder_are_left_out(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "000000_0")
    for other in ("_temporary/0/part.parquet", ".hidden.parquet", "_metadata", "README.md", "Makefile"):
        path = tmp_path / other
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"none")

    assert read(tmp_path).rows == 2


def test_files_of_a_folder_may_have_other_columns_and_types(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "1.parquet")
    FRAME.assign(a=None, **{"a.b": [1.5, 2.5], "new": [True, False]}).to_parquet(tmp_path / "2.parquet")

    found = read(tmp_path)

    assert found.columns["a.b"].values.tolist() == [1, 2, 1.5, 2.5]
    assert found.columns["a"].absent.tolist() == [False, False, True, True]
    assert found.columns["new"].absent.tolist() == [True, True, False, False]


def test_names_of_folders_are_integers_texts_and_absent_values(tmp_path: Path) -> None:
    for month, city in (("01", "M%C3%BCnchen%2FS"), ("12", "__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / f"month={month}" / f"city={city}"
        folder.mkdir(parents=True)
        FRAME.to_parquet(folder / "part.parquet")

    found, one = read(tmp_path), read(tmp_path / "month=12")

    assert found.columns["month"].values.tolist() == [1, 1, 12, 12]
    assert found.columns["city"].texts.tolist() == ["München/S"]
    assert found.columns["city"].absent.tolist() == [False, False, True, True]
    assert one.columns["month"].values.tolist() == [12, 12]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("_delta_log/00000.json", "is a table of Delta Lake, whose log says which of its files count"),
        ("more.csv.gz", r"has more\.csv\.gz beside Parquet files: move one of both"),
    ],
)
def test_a_folder_whose_parquet_files_are_not_all_its_rows_is_refused(
    tmp_path: Path, other: str, sentence: str
) -> None:
    FRAME.to_parquet(tmp_path / "1.parquet")
    (tmp_path / other).parent.mkdir(exist_ok=True)
    (tmp_path / other).touch()

    with pytest.raises(TrainingError, match=sentence):
        read(tmp_path)


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,y\n1,no\n", encoding="utf-8")

    with pytest.raises(TrainingError, match="is a folder without Parquet files"):
        read(tmp_path)


def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    FRAME.to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(TrainingError, match=r"a\.parquet cannot be read as Parquet"):
        read(path)


def test_repeated_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table([["a"], ["b"], ["c"]], names=["x", "x", "y"]), path)
    sentence = "a.parquet has 2 columns of the name 'x', and columns are read by their names"

    for source in (path, tmp_path):
        with pytest.raises(TrainingError, match=sentence):
            read(source)


def test_a_target_of_lists_is_refused_as_one() -> None:
    cells = cells_of(pa.array([[1], [2]]))

    with pytest.raises(
        TrainingError, match="'y' has lists, objects, durations or bytes, which no model predicts"
    ):
        find_target("y", cells, comma_decimal=False)
