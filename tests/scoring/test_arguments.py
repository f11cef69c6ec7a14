"""Arguments of `python -m scoring` that are refused: outputs, models and engines, each by one sentence."""

import os
import sys
from pathlib import Path

import pytest

from scoring.__main__ import main
from tests.scoring.scored import ROWS, Scored


def test_a_missing_bundle_says_how_to_make_it(tiny: Scored) -> None:
    (tiny.folder / "model.tar.gz").unlink()

    assert "`make train`" in tiny.refusal(tiny.write("rows.csv", "size\n1\n"))


def test_a_model_whose_path_is_no_path_is_one_sentence(
    tiny: Scored, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tiny.write("rows.csv", ROWS)

    code = main([str(rows), "--out", str(tiny.folder / "out.csv"), "--model", "a" * 300])

    assert code == 1
    assert "cannot be read (File name too long): train the model first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rows.csv"], "--out"),
        (["", "--out", "out.csv"], "the name of a FILE is empty"),
        (["rows.csv", "--out", "out.xlsx"], "has none of the suffixes .parquet, .csv, .jsonl"),
        (["rows.csv", "--out", "s3://bucket/out.csv"], "is no file of this machine: name one, and copy it"),
        (["rows.csv", "--out", "/dev/null/out.csv"], "out.csv cannot be written (Not a directory)"),
        (["rows.csv", "--out", f"{'a' * 300}.csv"], ".csv cannot be written (File name too long)"),
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


def test_an_output_that_is_a_pipe_is_refused_and_stays_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "out.csv"
    os.mkfifo(pipe)

    with pytest.raises(SystemExit) as end:
        main(["rows.csv", "--out", str(pipe)])

    assert end.value.code == 2
    assert "out.csv is a pipe or a device, which a file would replace" in capsys.readouterr().err
    assert pipe.is_fifo()


def test_a_master_without_the_engine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["rows.csv", "--out", "out.csv", "--master", "spark://host:7077"])

    assert raised.value.code == 2
    assert "--master spark://host:7077 needs --engine spark" in capsys.readouterr().err


def test_a_missing_pyspark_is_one_sentence(tiny: Scored, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith("scoring.cluster") or name == "training.engines.spark_session":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)

    sentence = tiny.refusal(tiny.write("rows.csv", "size\n1\n"), options=["--engine", "spark"])

    assert sentence == (
        "Spark is not installed: run `pip install -r requirements-spark.txt`, and install Java 17."
    )
