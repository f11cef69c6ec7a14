"""Parquet: one file, compressed or not, and folders of files."""

from pathlib import Path

import pandas as pd
import pytest

from training.data.data_options import DataOptions
from training.errors import TrainingError
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


def test_a_folder_of_partitions_has_their_values(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path, partition_cols=["y"])

    assert read(tmp_path).columns["y"].texts.tolist() == ["no", "yes"]


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,y\n1,no\n", encoding="utf-8")

    with pytest.raises(TrainingError, match="is a folder without Parquet files"):
        read(tmp_path)


def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    FRAME.to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(TrainingError, match=r"a\.parquet cannot be read as a table"):
        read(path)
