"""Files to score in all their forms, as the command reads them, and those that it refuses."""

import bz2
import gzip
import io
import lzma
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring.inputs import json_file_rows
from tests.scoring.scored import ROWS, Scored


def packed(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", b"\xef\xbb\xbf" + ROWS.encode()),
        ("rows.csv", ROWS.encode("utf-16")),
        ("rows.csv", b"sep=;\n" + ROWS.replace(",", ";").replace(";3;", ";3;").encode()),
        ("rows.tsv", ROWS.replace(",", "\t").encode()),
        ("rows.csv", ROWS.replace("\n", "\r\n").encode()),
        ("rows.csv", ROWS.replace("3,,", "\n# a comment, of two cells\n\n3,,").encode()),
        ("rows.csv", b"Report\n\n# of sizes\n" + ROWS.replace(",", "|").encode()),
        ("rows.data", ROWS.replace(",", "\t").encode()),
        ("rows.csv.gz", gzip.compress(ROWS.encode())),
        ("rows.csv.bz2", bz2.compress(ROWS.encode())),
        ("rows.csv.xz", lzma.compress(ROWS.encode())),
        ("rows.csv.zst", pa.compress(ROWS.encode(), "zstd", asbytes=True)),
        ("rows.zip", packed("in.csv", ROWS.encode())),
        ("rows.zip", packed("in.csv.gz", gzip.compress(ROWS.encode()))),
    ],
)
def test_every_form_of_text_has_the_same_answers(tiny: Scored, name: str, content: bytes) -> None:
    tiny.run(tiny.write(name, content))

    assert [row["probability"] for row in tiny.rows()] == ["0.5", "0.9525741", ""]


def test_decimal_commas_are_read_where_the_numbers_of_the_file_have_them(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", "size;note\n1;a\n2,5;b\n1.002,5;c\n"))

    assert [row["probability"] for row in tiny.rows()] == ["0.7310586", "0.9241418", ""]
    assert [row["size"] for row in tiny.rows()] == ["1", "2,5", "1.002,5"]


def test_a_comma_that_may_separate_thousands_or_decimals_is_refused(tiny: Scored) -> None:
    sentence = tiny.refusal(tiny.write("rows.csv", "size;note\n1,234;a\n"))

    assert "'1,234' in column size, where the comma may separate thousands or decimals" in sentence


def test_rows_of_more_or_fewer_cells_than_the_header_are_not_lost(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", "size,count,kind\n0,1,ant\n0,1,ant,more\n0\n\n0,1,bee\n"))

    assert [row["label"] for row in tiny.rows()] == ["yes", "", "yes", "yes"]
    assert tiny.refused() == [(2, "", "has 4 cells: 3 are the most")]


def test_files_with_different_columns_are_one_table(tiny: Scored) -> None:
    first = tiny.write("a.csv", "size,note\n0,x\n")
    second = tiny.write("b.csv", "kind,size\nant,0\n")

    summary = tiny.run(first, second)

    assert [*tiny.rows()[0]] == ["size", "note", "kind", "label", "probability"]
    assert [[row["note"], row["kind"]] for row in tiny.rows()] == [["x", ""], ["", "ant"]]
    assert summary["inputs"] == [str(first), str(second)]


def test_a_pattern_is_several_files_in_the_order_of_their_names(tiny: Scored) -> None:
    tiny.write("b.csv", "size\n2\n")
    tiny.write("a.csv", "size\n1\n")

    tiny.run(tiny.folder / "?.csv")

    assert [row["size"] for row in tiny.rows()] == ["1", "2"]


def test_json_lines_of_many_batches_keep_every_row(tiny: Scored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file_rows, "_ROWS", 2)

    tiny.run(tiny.write("rows.jsonl", "".join(f'{{"size": {size}}}\n' for size in range(7))))

    assert [row["size"] for row in tiny.rows()] == [*"0123456"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.json", '[{"size": 1},\r\n {"size":\n 2}]'),
        ("rows.json", '{"size": 1}\n{"size": 2}\n'),
        ("rows.json", "[[1], [2]]"),
        ("rows.jsonl", '\ufeff[ {"size": 1}, {"size": 2} ]'),
        ("rows.jsonl", "[1]\n[2]"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_may_be_an_array_and_in_another_encoding(
    tiny: Scored, name: str, text: str, encoding: str
) -> None:
    tiny.run(tiny.write(name, text.encode(encoding)))

    assert [row["size"] for row in tiny.rows()] == ["1", "2"]
    assert [row["label"] for row in tiny.rows()] == ["yes", "yes"]


def test_comments_between_rows_are_no_rows_also_behind_a_row_of_another_width(tiny: Scored) -> None:
    # Given a comment before and behind the row at which Arrow's reader stops, and a row that begins as one
    text = "kind,size,note\n# first\nant,1,a\nant,2\n\n  # second, comment\nant,x,b\n#,3,c\n"

    tiny.run(tiny.write("rows.csv", text))

    assert [row["size"] for row in tiny.rows()] == ["1", "2", "x", "3"]
    assert [row for row, *_ in tiny.refused()] == [3, 4]


def test_an_unnamed_or_repeated_column_gets_a_name(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", ",size,x,x\n1,0,a,b\n"), out="out.parquet")

    assert tiny.rows("out.parquet")[0] == {
        "column_1": "1", "size": "0", "x": "a", "x_2": "b", "label": "yes", "probability": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rows.csv", b"", "rows.csv is empty: it needs a header and rows."),
        ("rows.csv", b"size\n", "rows.csv has no rows below its header."),
        ("rows.jsonl", b"", "rows.jsonl has no rows: it needs one JSON object on each line."),
        ("rows.csv", b"sise,x\n1,2\n", "has no column 'size' (did you mean its column 'sise'?)"),
        ("rows.csv", b"size,size\n1,2\n", "has the column 'size' 2 times: remove or rename all but one."),
        ("rows.parquet", b"PAR1", "rows.parquet cannot be read as Parquet"),
        ("rows.xlsx", b"PK\x03\x04", "is an archive or a workbook of a spreadsheet: save its sheet as CSV"),
        ("rows.json", b'[{"size": 1},', "rows.json is no JSON"),
        ("rows.csv.xz", b"size\n1\n", "is truncated or damaged"),
        ("rows.csv.gz", b"size\n1\n", "is truncated or damaged"),
        ("rows.zip", packed("x.txt.bak", b""), "has no .csv file, only x.txt.bak"),
    ],
)
def test_an_input_that_cannot_be_read_is_one_sentence(
    tiny: Scored, name: str, content: bytes, sentence: str
) -> None:
    assert sentence in tiny.refusal(tiny.write(name, content))
    assert not (tiny.folder / "out.csv").exists()


@pytest.mark.parametrize("name", ["rows", "rows.parquet", "rows.json", "rows.md"])
def test_a_text_is_read_whatever_its_name(tiny: Scored, name: str) -> None:
    assert tiny.run(tiny.write(name, "size,kind\n0,ant\n5,bee\n"))["answered"] == 2


@pytest.mark.parametrize("name", ["rows", "rows.csv"])
def test_parquet_and_json_are_read_whatever_their_name(tiny: Scored, name: str) -> None:
    pq.write_table(pa.table({"size": [0.0, 5.0]}), tiny.folder / name)
    assert tiny.run(tiny.folder / name)["answered"] == 2
    assert tiny.run(tiny.write(name, '[{"size": 0}, {"size": 5}]'))["answered"] == 2


def test_objects_on_several_lines_are_rows(tiny: Scored) -> None:
    text = '{\n "size": 1,\n "kind": "ant"\n}\n{\n "size": 2\n}\n'

    assert tiny.run(tiny.write("rows.json", text))["rows"] == 2
    assert "rows.json is no JSON" in tiny.refusal(tiny.write("rows.json", text[:-3]))


def test_a_file_about_the_tables_of_an_archive_is_no_table(tiny: Scored) -> None:
    with zipfile.ZipFile(tiny.folder / "rows.zip", "w") as archive:
        archive.writestr("rows/README.txt", "read me")
        archive.writestr("rows/1.csv", "size\n1\n")
        archive.writestr("rows/2.csv", "size\n2\n")

    assert tiny.run(tiny.folder / "rows.zip")["answered"] == 2
