"""Files of sample rows: what is no table with names of columns is refused with a way out."""

from pathlib import Path

import pandas as pd
import pytest

from training.errors import TrainingError
from training.importing.readers.rows_file import rows_of_file
from training.importing.sample import read_sample


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04rest", "is a workbook of Excel or a ZIP file: save its sheet as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "is a workbook of Excel: save its sheet as CSV"),
        (b"\x80\x04rest", r"is a pickle: write its rows with to_csv\("),
        (b"PAR1rest", r"cannot be read \(.*\): give a CSV file with a header, JSON Lines or Parquet"),
        (b'[{"a": 1},', "cannot be read"),
        (b"", "is empty: it needs a header and rows"),
        (
            b"5.1,3.5,setosa\n4.9,3.0,setosa\n",
            r"first line of .* has values \(5\.1, 3\.5, setosa\) and no",
        ),
        (b"7,1e-3,7\n1,2,3\n", "and no names of columns"),
    ],
)
def test_a_file_that_is_no_table_with_a_header_is_refused(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)

    with pytest.raises(TrainingError, match=sentence):
        rows_of_file(path, "")


@pytest.mark.parametrize("header", ["0,1,2", "1990,1995,2000", "a,1.5", "x,y,7", "0.5,0.25,label"])
def test_numbers_may_be_names_of_columns(header: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"{header}\n{header}\n", encoding="utf-8")

    typed, _ = rows_of_file(path, "label" if "label" in header else "")

    assert [*typed] == header.split(",")


def test_a_missing_file_and_a_folder_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"There is no file .*no\.csv, which --rows names"):
        rows_of_file(tmp_path / "no.csv", "")
    with pytest.raises(TrainingError, match="which --rows names, is a folder"):
        rows_of_file(tmp_path, "")


def test_parquet_is_recognized_by_its_content(tmp_path: Path) -> None:
    rows = pd.DataFrame({"a": [1, 2]})
    rows.to_parquet(tmp_path / "rows")

    assert rows_of_file(tmp_path / "rows", "")[0].equals(rows)


def test_a_target_without_any_answer_is_to_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,label\n1,\n2,\n", encoding="utf-8")

    with pytest.raises(TrainingError, match="no answer in any row: leave out --target"):
        read_sample(path, "label")
