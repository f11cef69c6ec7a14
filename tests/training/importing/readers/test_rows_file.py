"""Files of sample rows: what is no table with names of columns is refused with a way out."""

from decimal import Decimal
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
        (b"a,b,a\n1,2,3\n", r"has two columns 'a': rename one of them"),
        (
            b"\x08\x08\x12\x08skl2onnx\x00\x00\xff\xfe\n",
            r"is no table: .* The model's file comes before --rows",
        ),
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


def test_several_columns_may_be_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(",,a\n0,0,1\n1,1,2\n", encoding="utf-8")

    assert rows_of_file(path, "")[0]["a"].tolist() == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings_are_no_binary_files(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,place\n1,żar\n", encoding=encoding)

    assert rows_of_file(path, "")[0]["a"].tolist() == [1]


def test_decimals_of_parquet_are_numbers(tmp_path: Path) -> None:
    rows = pd.DataFrame({"empty": [None, None], "price": [None, Decimal("1.50")], "word": ["x", "y"]})
    rows.to_parquet(tmp_path / "rows")

    sample = read_sample(tmp_path / "rows", "")

    assert sample.words == {"empty": True, "price": False, "word": True}
    assert sample.values("price", "number")[1] == 1.5


def test_numbers_of_parquet_are_text_only_where_they_are_asked_as_text(tmp_path: Path) -> None:
    pd.DataFrame({"code": [7, 8], "label": [1.0, 0.0]}).to_parquet(tmp_path / "rows")

    sample = read_sample(tmp_path / "rows", "label")

    assert sample.texts["code"].dtype.kind == "i"
    assert sample.cells("code").tolist() == ["7", "8"]
    assert sample.with_words(["code"]).values("code", "string").tolist() == ["7", "8"]
    assert sample.answers == ("1.0", "0.0")


def test_right_answers_may_have_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a;place;v\n1,5;x,y;-0,25\n2,5;z;3,125\n", encoding="utf-8")

    sample = read_sample(path, "v")

    assert sample.answers == ("-0.25", "3.125")
    assert sample.texts["place"].tolist() == ["x,y", "z"]


def test_the_kinds_of_a_samples_columns_are_found_once(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,x\n", encoding="utf-8")
    sample = read_sample(path, "")

    assert sample.words is sample.words == {"a": False, "b": True}


def test_a_target_of_other_case_is_suggested(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("A,Y\n1,2\n", encoding="utf-8")

    with pytest.raises(TrainingError, match="did you mean 'Y'"):
        read_sample(path, "y")


def test_a_target_without_any_answer_is_to_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,label\n1,\n2,\n", encoding="utf-8")

    with pytest.raises(TrainingError, match="no answer in any row: leave out --target"):
        read_sample(path, "label")
