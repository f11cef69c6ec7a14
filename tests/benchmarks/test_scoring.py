"""Benchmark of scoring: its files, and the rival."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.scoring.flight_files import write_files
from benchmarks.scoring.pandas_pickle import fit, score
from benchmarks.training.flights_csv import extract_sample, write_flights

EVERY = 84


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Every 84th flight of the sample, in the columns of Kaggle's data set."""
    whole = extract_sample(tmp_path)
    heading, *lines = whole.read_text().splitlines(keepends=True)
    whole.write_text("".join([heading, *lines[::EVERY]]))
    write_flights(tmp_path / "labelled.csv", rows=4_000, sample=whole)
    return tmp_path / "labelled.csv"


def test_the_rows_of_a_file_are_repeated_in_both_formats(tmp_path: Path) -> None:
    given = tmp_path / "given.parquet"
    pd.DataFrame({"CRS_DEP_TIME": [0, 1, 2], "FL_DATE": "2018-01-01"}).to_parquet(given)

    files = write_files(tmp_path, 7, given)

    parquet, csv = pd.read_parquet(files[".parquet"]), pd.read_csv(files[".csv"])
    assert sorted(parquet["CRS_DEP_TIME"]) == sorted(csv["CRS_DEP_TIME"])
    assert (len(parquet), set(parquet["CRS_DEP_TIME"])) == (7, {0, 1, 2})
    # The rival's pipeline needs them.
    assert {"CRS_ARR_TIME", "DEP_DELAY"} <= {*parquet}


@pytest.mark.slow
def test_the_rival_answers_every_row(labelled: Path, tmp_path: Path) -> None:
    fit(labelled, tmp_path / "model.pkl")

    score(tmp_path / "model.pkl", labelled, tmp_path / "out.parquet")

    found = pd.read_parquet(tmp_path / "out.parquet")
    assert len(found) == len(pd.read_csv(labelled))
    assert found["probability"].between(0, 1).all()
    assert set(found["label"]) == {"delay", "on_time"}
