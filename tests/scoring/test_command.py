"""The command `python -m scoring`: outputs, refused rows, errors and interrupted runs."""

import gzip
import io
import subprocess
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring.__main__ import main
from scoring.inputs import json_file_rows
from tests.scoring.scored import HEADER, Scored
from tests.tiny_bundle import write_tiny_bundle

ROWS = f'{HEADER},note\n0,2,2024-02-29,17:45,ant,first\n3,,,,,"two\nlines, one cell"\n200,,,,,third\n'


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.parquet"])
def test_every_row_is_in_the_output_in_its_order_and_with_its_own_columns(tiny: Scored, out: str) -> None:
    summary = tiny.run(tiny.write("rows.csv", ROWS), out=out)

    rows = tiny.rows(out)
    assert [row["size"] for row in rows] == ["0", "3", "200"]
    assert [row["note"] for row in rows] == ["first", "two\nlines, one cell", "third"]
    assert [*rows[0]] == [*HEADER.split(","), "note", "label", "probability"]
    assert [row["label"] or None for row in rows] == ["yes", "yes", None]
    assert [float(row["probability"] or "nan") for row in rows] == [
        0.5,
        0.9525741,
        pytest.approx(float("nan"), nan_ok=True),
    ]
    assert tiny.refused() == [(3, "size", "must be a number from 0 to 100 cm")]
    assert (summary["rows"], summary["answered"], summary["refused"]) == (3, 2, 1)
    assert summary["labels"] == {"no": 0, "yes": 2}
    assert sorted(path.name for path in tiny.folder.iterdir()) == [
        "model.tar.gz", out, "out.refused.csv", "rows.csv",
    ]  # fmt: skip


def test_a_parquet_output_names_the_model_and_keeps_the_types_of_the_input(tiny: Scored) -> None:
    table = pa.table(
        {
            "size": pa.array([1, 2], pa.int16()),
            "when": pa.array([0, None], pa.timestamp("ns", "America/New_York")),
            "kind": pa.array(["ant", "bee"]).dictionary_encode(),
            "list": [[1], None],
        }
    )
    pq.write_table(table, tiny.folder / "rows.parquet")

    summary = tiny.run(tiny.folder / "rows.parquet", out="out.parquet")

    found = pq.read_table(tiny.folder / "out.parquet")
    own = table.set_column(2, "kind", pa.array(["ant", "bee"]))
    assert found.select(own.column_names).equals(own)
    assert found.schema.field("label").type == pa.string()
    metadata = pq.read_metadata(tiny.folder / "out.parquet").metadata
    assert metadata[b"model.name"] == b"tiny"
    assert metadata[b"model.version"].decode() == summary["model"]["version"]


def test_a_scored_file_can_be_scored_again_with_a_prefix(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", ROWS))

    sentence = tiny.refusal(tiny.folder / "out.csv", out="again.csv")
    tiny.run(tiny.folder / "out.csv", out="again.csv", options=["--prefix", "new_"])

    assert "has already a column 'label'" in sentence
    assert "--prefix" in sentence
    assert [row["new_label"] for row in tiny.rows("again.csv")] == [row["label"] for row in tiny.rows()]


def test_reasons_and_warnings_are_columns_when_asked_for(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", ROWS), options=["--warnings", "--reasons", "1"])

    first, second, third = tiny.rows()
    assert first["warnings"].startswith("The probability 0.5 is within 0.01 of the threshold")
    assert (
        second["warnings"]
        == "None of the optional fields is given: the model knows the required fields only."
    )
    assert second["reasons"].startswith("baseline 0.8807970")
    assert (third["reasons"], third["warnings"]) == ("", "")


def test_warnings_need_a_bundle_with_a_reference(tiny: Scored) -> None:
    write_tiny_bundle(tiny.folder / "model.tar.gz")

    sentence = tiny.refusal(tiny.write("rows.csv", ROWS), options=["--warnings"])

    assert "train the model again, or leave out" in sentence


def test_a_stale_file_of_refused_rows_is_removed(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", ROWS))
    tiny.run(tiny.write("rows.csv", "size\n1\n"))

    assert not (tiny.folder / "out.refused.csv").exists()


def test_columns_may_have_any_order_and_a_misspelt_one_is_named(tiny: Scored) -> None:
    summary = tiny.run(tiny.write("rows.csv", "knd,extra,size\nant,x,0\n"))

    assert tiny.rows() == [{"knd": "ant", "extra": "x", "size": "0", "label": "yes", "probability": "0.5"}]
    assert ["did you mean 'kind'?" in note for note in summary["notes"]] == [True]
    assert summary["absent"] == ["count", "day", "at", "kind"]


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
        ("rows.csv.gz", gzip.compress(ROWS.encode())),
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
        ("rows.xlsx", b"", "has none of the suffixes"),
        ("rows.csv.gz", b"size\n1\n", "is truncated or damaged"),
        ("rows.zip", packed("x.txt.bak", b""), "has no .csv file, only x.txt.bak"),
        ("rows.csv", b"size\n1\n" + b"2\n" * 600_000 + b"\xff\n", "cannot be read as CSV"),
    ],
)
def test_an_input_that_cannot_be_read_is_one_sentence(
    tiny: Scored, name: str, content: bytes, sentence: str
) -> None:
    assert sentence in tiny.refusal(tiny.write(name, content))
    assert not (tiny.folder / "out.csv").exists()


def test_a_run_that_fails_before_its_first_part_leaves_nothing(tiny: Scored) -> None:
    tiny.refusal(tiny.write("rows.csv", "size\n"))

    assert sorted(path.name for path in tiny.folder.iterdir()) == ["model.tar.gz", "rows.csv"]


def test_a_pattern_without_files_and_a_folder_are_refused(tiny: Scored) -> None:
    assert "There is no file" in tiny.refusal(tiny.folder / "*.csv")
    assert "is a folder: name files" in tiny.refusal(tiny.folder)


def test_the_input_cannot_be_the_output(tiny: Scored) -> None:
    rows = tiny.write("rows.csv", "size\n1\n")

    assert "is the input and cannot be the output too" in tiny.refusal(rows, out="rows.csv")
    assert "is the input and cannot be the output too" in tiny.refusal(tiny.folder / "*.csv", out="rows.csv")
    assert rows.read_text() == "size\n1\n"


def test_a_missing_bundle_says_how_to_make_it(tiny: Scored) -> None:
    (tiny.folder / "model.tar.gz").unlink()

    assert "`make train`" in tiny.refusal(tiny.write("rows.csv", "size\n1\n"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rows.csv"], "--out"),
        (["rows.csv", "--out", "out.xlsx"], "has none of the suffixes .parquet, .csv, .jsonl"),
        (["rows.csv", "--out", "out.csv", "--reasons", "101"], "is not a whole number from 0 to 100"),
        (["rows.csv", "--out", "out.csv", "--model", "a", "--bundle", "b"], "not allowed with argument"),
    ],
)
def test_wrong_arguments_exit_with_2(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)

    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_summary_is_for_people_by_default(tiny: Scored, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tiny.write("rows.csv", ROWS)

    code = main(
        [str(rows), "--out", str(tiny.folder / "o.csv"), "--bundle", str(tiny.folder / "model.tar.gz")]
    )

    printed = capsys.readouterr().out
    assert code == 0
    assert "o.csv: 3 rows, 2 of them answered by tiny, version " in printed
    assert "answers: no 0.0%, yes 100.0%" in printed
    assert f"without an answer: 1 row, see {tiny.folder}/o.refused.csv" in printed


def test_a_missing_pyspark_is_one_sentence(tiny: Scored, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith("scoring.cluster") or name == "training.engines.spark_session":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)

    sentence = tiny.refusal(tiny.write("rows.csv", "size\n1\n"), options=["--engine", "spark"])

    assert sentence == (
        "Spark is not installed: run `pip install -r requirements-spark.txt`, and install Java 17."
    )


def test_a_master_without_the_engine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["rows.csv", "--out", "out.csv", "--master", "spark://host:7077"])

    assert raised.value.code == 2
    assert "--master spark://host:7077 needs --engine spark" in capsys.readouterr().err


def test_the_program_does_not_wait_for_the_import_of_pandas(tiny: Scored) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "scoring", f"{tiny.write('rows.csv', ROWS)}"]
    options = ["--out", f"{tiny.folder / 'out.csv'}", "--bundle", f"{tiny.folder / 'model.tar.gz'}"]

    found = subprocess.run([*command, *options], capture_output=True, encoding="utf-8", check=True)

    imported = {line.rpartition("|")[2].strip() for line in found.stderr.splitlines()}
    assert "pyarrow" in imported
    assert "pandas.core" not in imported
