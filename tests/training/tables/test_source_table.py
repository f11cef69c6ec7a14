"""Files of tables: CSV of any form, Parquet, and files that are no tables."""

import gzip
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.tables.files.file_kind import FileKind, file_kind
from training.tables.source_table import Table, read_table

ROWS = [["größe", "b", "ja?"], ["1,5", "x; y", "nein"], ["2", "z", "ja"]]


def read(path: Path, target: str = "ja?") -> Table:
    return read_table(DataOptions(source=str(path)), target=target)


def texts(table: Table) -> dict[str, list[str]]:
    return {name: cells.texts.tolist() for name, cells in table.columns.items()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252"]
)
def test_a_text_of_any_form_is_read(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = tmp_path / "table.csv"
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in ROWS]
    path.write_bytes("\r\n".join(lines).encode(encoding))

    found = read(path)

    assert texts(found) == {"größe": ["1,5", "2"], "b": ["x; y", "z"], "ja?": ["nein", "ja"]}
    assert found.rows == 2


@pytest.mark.parametrize(
    "before",
    [
        "\n\r\n",
        "# made by a tool\n#\n# on Monday, at noon\n",
        "Customers of 2025\n\n",
        "Customers of 2025,,\n,,\n",
        "Report\n# of all\nCustomers\n",
    ],
)
def test_comments_blank_lines_and_titles_before_the_header_are_no_rows(tmp_path: Path, before: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{before}a,b,c\n1,x,2\n3,y,4\n", encoding="utf-8", newline="")

    found = read(path, "b")

    assert [*found.names] == ["a", "b", "c"]
    assert found.columns["a"].values.tolist() == [1, 3]


def test_comments_between_rows_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n# checked until here\n2,y\n# end\n", encoding="utf-8")

    assert read(path, "b").columns["a"].values.tolist() == [1, 2]


@pytest.mark.parametrize("target", ["b", "c"])
def test_a_header_that_begins_with_a_number_sign_is_the_header(tmp_path: Path, target: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "#a,b,c\nx,y,1\nz,x,2\n" if target == "c" else "# a,b,c\nx,y,z\nz,x,x\n", encoding="utf-8"
    )

    assert read(path, target).rows == 2


def test_columns_between_spaces_are_read_as_those_between_commas(tmp_path: Path) -> None:
    path = tmp_path / "cars.data"
    path.write_text(
        'mpg  hp name\n18.0   130.0\t"chevrolet  chevelle"\n\n# checked\n 25.0   ?   "ford pinto"',
        encoding="utf-8",
    )

    found = read(path, "mpg").columns

    assert found["hp"].values[0] == 130
    assert np.isnan(found["hp"].values[1])
    assert found["name"].texts.tolist() == ["chevrolet  chevelle", "ford pinto"]


def test_compressed_text_and_parquet_are_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, None], "b": ["x", "y"]})
    packed, parquet = tmp_path / "a.csv.gz", tmp_path / "a.parquet"
    packed.write_bytes(gzip.compress(b"a,b\n1,x\n,y\n"))
    frame.to_parquet(parquet)

    for path in (packed, parquet):
        found = read(path, "b").columns
        assert found["a"].values.tolist()[0] == 1
        assert np.isnan(found["a"].values[1])
        assert found["b"].texts.tolist() == ["x", "y"]


@pytest.mark.parametrize(
    "others", [{}, {"__MACOSX/._a.csv": b"\0", "x/": b"", "x/README.txt": b"read me", ".DS_Store": b"\0"}]
)
@pytest.mark.parametrize("name", ["x/a.csv", "a.csv.gz"])
def test_the_table_of_an_archive_is_read(tmp_path: Path, name: str, others: dict[str, bytes]) -> None:
    content = b"a,b\n1,x\n2,y\n"
    write_zip(tmp_path / "a.zip", others | {name: gzip.compress(content) if name.endswith("gz") else content})

    assert read(tmp_path / "a.zip", "b").columns["b"].texts.tolist() == ["x", "y"]


def test_an_archive_of_several_tables_or_none_is_refused(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"a.csv": b"a,b\n", "b.csv": b"a,b\n"})
    write_zip(tmp_path / "b.zip", {})

    with pytest.raises(TrainingError, match=r"has 2 tables \(a\.csv, b\.csv\): give an archive of one table"):
        read(tmp_path / "a.zip", "b")
    with pytest.raises(TrainingError, match="has 0 tables: give an archive of one"):
        read(tmp_path / "b.zip", "b")


def write_zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_names_that_repeat_or_are_missing_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,,a,b\n1,2,3,4\n")

    assert [*read(path, "b").columns] == ["a", "column 2", "a (2)", "b"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"a,b", "has no rows below its header"),
        (b"a,b\n", "has no rows below its header"),
        (b"PK\x03\x04rest", "save its sheet as CSV"),
        (b"<html></html>", "looks like HTML"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "has bytes that no text has"),
        (b"one line\nof this text\n", "has one column only, 'one line'"),
        (b"a,b\n1,2\n1,2,3\n", "has a row of 3 cells, and its header has 2: give the header a name.*'1,2,3'"),
        (b"a,b\n1,2\nTotal: 1\n", "has a row of 1 cell, and its header has 2: give the header a name"),
        (b"# a\n# b\n", "has one column only, '# a'"),
        (b'"a\nb",c\n1,2\n', "write the names of the columns in one line"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "give its name the ending .gz"),
        (b"SQLite format 3\0" + bytes(500), "is a database: export the table"),
        (b"a b\n1\n", r"If spaces separate its columns, the row '1' has 1 word, and the header 2: put names"),
        (b"a b\n" + b"1 2\n" * 200 + b"3\n", r"spaces separate its columns, so put names .* It is '3'"),
        (b"5.1,3.5\n4.9,3.0\n4.7,3.4\n5.3,3.9\n", "The first line of .* seems to be a row of values"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    with pytest.raises(TrainingError, match=sentence) as refused:
        read(path, "b")

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "a.csv.gz",
            gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9],
            r"is truncated or damaged \(.*\): copy or",
        ),
        ("a.csv.gz", b"a,b\n1,2\n", r"is truncated or damaged \(Not a gzipped file"),
        (
            "a.csv.gz",
            gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0),
            "is compressed twice: unpack it once",
        ),
        ("a.zip", b"PK", "is truncated or damaged"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TrainingError, match=sentence):
        read(tmp_path / name, "b")


def test_a_first_line_of_values_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2.5,x\n2,3.5,y\n", encoding="utf-8")

    with pytest.raises(TrainingError, match=r"its first line is 1, 2\.5, x; if these are values, add a line"):
        read(path).check_column("churned", what="the target")


def test_a_pipe_is_refused_because_it_cannot_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.csv")

    with pytest.raises(TrainingError, match=r"rows\.csv is a pipe or a device.*write its content to a file"):
        read(tmp_path / "rows.csv")


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n", encoding="utf-8")

    def growing(start: bytes, source: str) -> FileKind:
        path.write_text("a,b\n1,x\n2,y\n", encoding="utf-8")
        return file_kind(start, source)

    monkeypatch.setattr("training.tables.files.opened_file.file_kind", growing)

    with pytest.raises(TrainingError, match=r"a\.csv changed while it was read"):
        read(path, "b")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"There is no file .*none\.csv: check its path"):
        read(tmp_path / "none.csv")


def test_rows_that_repeat_the_header_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "joined.csv"
    path.write_text('a,b,c,d\n1,b,x,2\na,b,c,d\n"a","b","c","d"\n3,y,x,few\n', encoding="utf-8")

    found = read(path, "b")

    assert found.columns["a"].values.tolist() == [1, 3]
    assert found.columns["d"].texts.tolist() == ["2", "few"]
    assert found.columns["b"].texts.tolist() == ["b", "y"]
    assert found.dropped == {"that repeat the header": 2}
    assert found.file_rows().tolist() == [1, 4]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_second_column_of_the_targets_name_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.csv":
        path.write_text("x,y, y \n1,no,no\n2,yes,no\n", encoding="utf-8")
    else:
        pq.write_table(pa.table([["a"], ["b"], ["c"]], names=["x", "y", "y"]), path)

    with pytest.raises(TrainingError, match="has 2 columns of the name 'y'"):
        read(path, "y")
