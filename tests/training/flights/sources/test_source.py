import gzip
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.training.flights.files import ROW, columns, read, rows, text
from training.errors import TrainingError

SECOND = {"flight_number": "2", "flight_date": "2018-02-01"}
SECOND_ROW = {**ROW, "flight_date": "2018-02-01"}


def test_a_gzip_file_is_read_and_leaves_no_unpacked_file(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv.gz"
    path.write_bytes(gzip.compress(text([{}, SECOND]).encode()))

    found = read(path, tmp_path / "cache")

    assert rows(found) == [ROW, SECOND_ROW]
    assert found.name == "flights.csv.gz"
    assert list((tmp_path / "cache").glob("unpacked*")) == []


def test_every_csv_file_of_a_zip_archive_is_read_with_its_own_header(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.html", "<html>")
        archive.writestr("2018.csv", text([{}]))
        archive.writestr("2019.CSV", text([SECOND], "monthly BTS files"))

    found = read(path, tmp_path)

    assert rows(found) == [ROW, SECOND_ROW]
    assert found.name == "2 files, 2018.csv to 2019.CSV"


def test_a_gzip_file_inside_a_zip_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2018.csv.gz", gzip.compress(text([{}, SECOND]).encode()))

    assert rows(read(path, tmp_path / "cache")) == [ROW, SECOND_ROW]


def test_files_of_a_pattern_are_read_together_without_repeated_flights(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text([SECOND, {}]))
    (tmp_path / "b.csv").write_text(text([{}, {"flight_number": "3", "carrier": "ZZ"}], "BTS export"))
    (tmp_path / "c.txt").write_text("not in the pattern")

    found = read(tmp_path / "*.csv", tmp_path)

    assert rows(found) == [ROW, {**ROW, "carrier": "ZZ"}, SECOND_ROW]
    assert dict(found.dropped) == {"repeated (same date, carrier, number, origin and destination)": 1}
    assert found.name == "2 files, a.csv to b.csv"


def test_parquet_is_read_with_the_column_types_of_pandas(tmp_path: Path) -> None:
    # Given flights with the column types of pandas
    typed = {
        "flight_date": pa.array([np.datetime64("2018-01-31", "us")]),
        "carrier": pa.array(["AA"]).dictionary_encode(),
        "flight_number": [1],
        "tail_number": ["N1"],
        "origin": ["LAX"],
        "destination": ["PBI"],
        "scheduled_departure": [905],
        "scheduled_arrival": [1710.0],
        "departure_delay": [-3.0],
        "arrival_delay": pa.array([15], type=pa.int8()),
        "cancelled": [False],
        "diverted": [None],
        "distance": pa.array([2330.0], type=pa.float32()),
    }
    path = tmp_path / "flights.parquet"
    pq.write_table(pa.table({name: typed[column] for name, column in columns("Kaggle").items()}), path)

    # When they are read, then the rows equal those of a CSV file
    assert rows(read(path, tmp_path)) == [ROW]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("cut.csv.gz", gzip.compress(text([{}] * 99).encode(), mtime=0)[:-20], "truncated or damaged"),
        ("page.csv.gz", b"<html>down</html>", "truncated or damaged"),
        ("page.zip", b"<html>down</html>", "truncated or damaged"),
        ("page.parquet", b"<html>down</html>", "cannot be read as Parquet"),
        ("flights.txt", b"", "has none of the suffixes .csv, .csv.gz, .zip, .parquet"),
    ],
)
def test_a_file_that_cannot_be_opened_is_refused_with_its_name(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TrainingError) as refusal:
        read(tmp_path / name, tmp_path)

    assert name in str(refusal.value)
    assert sentence in str(refusal.value)


def test_an_archive_without_flights_is_refused_with_its_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "page.zip", "w") as archive:
        archive.writestr("readme.html", "<html>")

    with pytest.raises(TrainingError, match=r"page\.zip has no \.csv file, only readme\.html"):
        read(tmp_path / "page.zip", tmp_path)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("gone.csv", r"no file .*gone\.csv\. Data can be sample; bts:YYYY; "),
        ("*.parquet", r"no file .*\*\.parquet"),
        ("", r"is a folder: name files, such as '.*/\*\.csv'"),
    ],
)
def test_a_source_without_files_is_refused(source: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=sentence):
        read(f"{tmp_path}/{source}", tmp_path)


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_text(text([{}]))

    with pytest.raises(TrainingError, match="no engine 'steam': choose duckdb, spark, athena"):
        read(tmp_path / "flights.csv", tmp_path, engine="steam")
