"""The command `python -m scoring`: outputs, refused rows, errors and interrupted runs."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring.__main__ import main
from tests.scoring.scored import HEADER, ROWS, Scored
from tests.tiny_bundle import write_tiny_bundle


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
    assert tiny.refused(out) == [(3, "size", "must be a number from 0 to 100 cm")]
    assert (summary["rows"], summary["answered"], summary["refused"]) == (3, 2, 1)
    assert summary["labels"] == {"no": 0, "yes": 2}
    assert sorted(path.name for path in tiny.folder.iterdir()) == [
        "model.tar.gz", out, f"{out}.refused.csv", "rows.csv",
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


def test_outputs_with_one_stem_have_a_file_of_refused_rows_each(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", ROWS), out="out.csv")
    tiny.run(tiny.write("rows.jsonl", '{"size": "x"}\n'), out="out.jsonl")
    tiny.run(tiny.write("good.csv", "size\n1\n"), out="out.parquet")

    assert [row for row, *_ in tiny.refused("out.csv")] == [3]
    assert [row for row, *_ in tiny.refused("out.jsonl")] == [1]


@pytest.mark.parametrize("name", ["n" * 235, "ü" * 117 + "n"])
def test_an_output_whose_files_would_have_too_long_a_name_is_refused_before_a_row_is_read(
    tiny: Scored, name: str
) -> None:
    # The largest name that a file system takes has 255 bytes, and the file of refused rows is made first
    # under the name of the output with 21 bytes more.
    rows = tiny.write("rows.csv", ROWS)

    sentence = tiny.refusal(rows, out=f"{name}.csv")

    assert sentence.endswith(
        "cannot be written (File name too long): name a file of a shorter name with --out."
    )
    assert "rows" not in tiny.error.partition("cannot be written")[2]
    assert sorted(path.name for path in tiny.folder.iterdir()) == ["model.tar.gz", "rows.csv"]
    tiny.run(rows, out=f"{name[:-5]}.csv")


def test_a_stale_file_of_refused_rows_is_removed(tiny: Scored) -> None:
    tiny.run(tiny.write("rows.csv", ROWS))
    tiny.run(tiny.write("rows.csv", "size\n1\n"))

    assert not (tiny.folder / "out.csv.refused.csv").exists()


def test_columns_may_have_any_order_and_a_misspelt_one_is_named(tiny: Scored) -> None:
    summary = tiny.run(tiny.write("rows.csv", "knd,extra,size\nant,x,0\n"))

    assert tiny.rows() == [{"knd": "ant", "extra": "x", "size": "0", "label": "yes", "probability": "0.5"}]
    assert ["did you mean 'kind'?" in note for note in summary["notes"]] == [True]
    assert summary["absent"] == ["count", "day", "at", "kind"]


def test_a_run_that_fails_before_its_first_part_leaves_nothing(tiny: Scored) -> None:
    tiny.refusal(tiny.write("rows.csv", "size\n"))

    assert sorted(path.name for path in tiny.folder.iterdir()) == ["model.tar.gz", "rows.csv"]


def test_objects_below_a_prefix_have_the_names_of_their_folders(
    tiny: Scored, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tiny.folder / f"etag-{kind}" / f"kind={kind}" / "part.parquet" for kind in ("ant", "bee")]
    for path in paths:
        path.parent.mkdir(parents=True)
        pq.write_table(pa.table({"size": [1.0]}), path)
    monkeypatch.setattr("training.flights.sources.s3_files.download_objects", lambda *_: paths)

    tiny.run("s3://bucket/rows/", out="out.parquet")

    assert [row["kind"] for row in tiny.rows("out.parquet")] == ["ant", "bee"]


def test_a_pattern_without_files_and_a_folder_without_parquet_are_refused(tiny: Scored) -> None:
    assert "There is no file" in tiny.refusal(tiny.folder / "*.csv")
    assert "is a folder without Parquet files: name its files" in tiny.refusal(tiny.folder)


@pytest.mark.parametrize("source", ["rows", "rows/kind=*"])
def test_a_folder_of_parquet_files_is_scored_with_the_names_of_its_folders(source: str, tiny: Scored) -> None:
    for kind, size in (("ant", 0.0), ("bee", 5.0)):
        folder = tiny.folder / "rows" / f"kind={kind}" / "count=7"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"size": [size, 1.0]}), folder / "part-0.snappy.parquet")
        (folder / "_SUCCESS").touch()

    summary = tiny.run(tiny.folder / source, out="out.parquet")

    found = tiny.rows("out.parquet")
    assert summary["answered"] == 4
    assert {"kind", "count"} <= {*summary["columns"]}
    assert [(row["size"], row["kind"], row["count"]) for row in found] == [
        (0.0, "ant", 7),
        (1.0, "ant", 7),
        (5.0, "bee", 7),
        (1.0, "bee", 7),
    ]


def test_the_input_cannot_be_the_output(tiny: Scored) -> None:
    rows = tiny.write("rows.csv", "size\n1\n")

    assert "is the input and cannot be the output too" in tiny.refusal(rows, out="rows.csv")
    assert "is the input and cannot be the output too" in tiny.refusal(tiny.folder / "*.csv", out="rows.csv")
    assert rows.read_text() == "size\n1\n"


def test_a_file_of_refused_rows_that_is_an_input_is_not_removed(tiny: Scored) -> None:
    rows = tiny.write("rows.csv.refused.csv", "size\n1\n")

    assert "rows.csv.refused.csv is the input and cannot be the output" in tiny.refusal(rows, out="rows.csv")
    assert rows.read_text() == "size\n1\n"


def test_an_output_that_is_a_link_replaces_its_target(tiny: Scored) -> None:
    (tiny.folder / "elsewhere").mkdir()
    (tiny.folder / "out.csv").symlink_to(tiny.folder / "elsewhere" / "scored.csv")

    tiny.run(tiny.write("rows.csv", "size\n0\n"))

    assert (tiny.folder / "out.csv").is_symlink()
    assert tiny.rows("elsewhere/scored.csv")[0]["label"] == "yes"
    assert [path.name for path in (tiny.folder / "elsewhere").iterdir()] == ["scored.csv"]


def test_a_pattern_leaves_out_marks_and_hidden_files_unless_it_names_them(tiny: Scored) -> None:
    folder = tiny.folder / "rows"
    folder.mkdir()
    for name in ("_SUCCESS", ".1.csv.crc", "._1.csv"):
        (folder / name).write_bytes(b"\0no rows")
    (folder / "_2.csv").write_text("size\n1\n2\n")
    (folder / "1.csv").write_text("size\n1\n")

    assert tiny.run(folder / "*")["rows"] == 1
    assert tiny.run(folder / "*.csv")["rows"] == 1
    assert tiny.run(folder / "_*.csv")["rows"] == 2


def test_the_summary_is_for_people_by_default(tiny: Scored, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tiny.write("rows.csv", ROWS)

    code = main(
        [str(rows), "--out", str(tiny.folder / "o.csv"), "--bundle", str(tiny.folder / "model.tar.gz")]
    )

    printed = capsys.readouterr().out
    assert code == 0
    assert "o.csv: 3 rows, 2 of them answered by tiny, version " in printed
    assert "answers: no 0.0%, yes 100.0%" in printed
    assert f"without an answer: 1 row, see {tiny.folder}/o.csv.refused.csv" in printed


def test_the_program_does_not_wait_for_the_import_of_pandas(tiny: Scored) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "scoring", f"{tiny.write('rows.csv', ROWS)}"]
    options = ["--out", f"{tiny.folder / 'out.csv'}", "--bundle", f"{tiny.folder / 'model.tar.gz'}"]

    found = subprocess.run([*command, *options], capture_output=True, encoding="utf-8", check=True)

    imported = {line.rpartition("|")[2].strip() for line in found.stderr.splitlines()}
    assert "pyarrow" in imported
    assert "pandas.core" not in imported


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_the_summary_reaches_a_pipe_and_a_closed_one_is_no_error(tiny: Scored, unbuffered: str) -> None:
    # Given
    rows, out, bundle = tiny.write("rows.csv", ROWS), tiny.folder / "out.csv", tiny.folder / "model.tar.gz"
    command = [sys.executable, "-m", "scoring", f"{rows}", "--out", f"{out}", "--bundle", f"{bundle}"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}

    # When
    heard = subprocess.run(command, capture_output=True, env=environment, encoding="utf-8", check=True)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, encoding="utf-8"
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        errors = process.stderr.read()

    # Then
    assert f"{out}: 3 rows, 2 of them answered" in heard.stdout
    assert "BrokenPipeError" not in errors
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_summary_that_cannot_be_written_is_one_sentence_and_the_output_is_there(tiny: Scored) -> None:
    rows, out, bundle = tiny.write("rows.csv", ROWS), tiny.folder / "out.csv", tiny.folder / "model.tar.gz"
    command = [sys.executable, "-m", "scoring", f"{rows}", "--out", f"{out}", "--bundle", f"{bundle}"]

    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("(No space left on device).")
    assert "Traceback" not in done.stderr
    assert out.exists()
