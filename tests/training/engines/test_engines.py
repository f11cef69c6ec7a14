import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import numpy as np
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from tests.emulated_s3 import emulate_s3
from tests.training.engines.quirks import DROPPED, QUIRKS
from tests.training.flights.files import read, rows, text
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.flights.sources.sample import FLIGHTS, MEMBER, PACKAGE, sample_source, sample_weather

BUCKET = "artifacts"
AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

needs_java = pytest.mark.skipif(
    not shutil.which("java"), reason="Spark needs Java 17, and there is no `java` on the PATH"
)
# Spark closes its own sockets and files only at the end of the process.
spark = pytest.param(
    "spark",
    marks=[needs_java, pytest.mark.environment, pytest.mark.filterwarnings("ignore::ResourceWarning")],
)
ENGINES = ["duckdb", spark, "athena"]


@pytest.fixture(autouse=True)
def engine_packages(request: pytest.FixtureRequest) -> None:
    """Installs the packages of the engine under test, if they are not those of the project."""
    if "engine" in request.fixturenames and request.getfixturevalue("engine") == "spark":
        request.getfixturevalue("spark_packages")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulate_s3(tmp_path_factory.mktemp("aws")) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in {**AWS, "AWS_ENDPOINT_URL": url}.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield url


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def write_slice(folder: Path, *, every: int) -> None:
    with zipfile.ZipFile(sample_source().files[0].path) as archive:
        header, *lines = archive.read(MEMBER).decode().splitlines()
    data = folder / PACKAGE / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    with zipfile.ZipFile(data / FLIGHTS, "w") as archive:
        archive.writestr(MEMBER, "\n".join([header, *lines[::every]]))
    shutil.copy(sample_weather(), data)


def remaining_aws_resources() -> list[str]:
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    databases = boto3.client("glue").get_databases()["DatabaseList"]
    return [item["Key"] for item in objects] + [database["Name"] for database in databases]


def same(one: Dataset, other: Dataset) -> bool:
    assert list(one.columns) == list(other.columns)
    for name, values in one.columns.items():
        a, b = np.asarray(values), np.asarray(other.columns[name])
        assert a.dtype == b.dtype
        assert ((a == b) | ((a != a) & (b != b))).all(), name
    assert one.target.tolist() == other.target.tolist()
    return one.name == other.name and dict(one.dropped) == dict(other.dropped)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.usefixtures("aws")
def test_every_engine_reads_unusual_values_alike(engine: str, tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "quirks.csv"
    path.write_text(QUIRKS)

    found = read(path, cache, engine=engine, bucket=BUCKET)

    assert dict(found.dropped) == DROPPED
    assert same(found, read(path, cache))
    assert remaining_aws_resources() == []


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.usefixtures("aws")
def test_every_engine_reads_the_sample_and_its_weather_alike(
    engine: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a package with every twentieth flight of the sample
    write_slice(tmp_path, every=20)
    monkeypatch.syspath_prepend(str(tmp_path))

    found = read("sample", cache, engine=engine, bucket=BUCKET)

    assert same(found, read("sample", cache))
    assert len(found) > 16_000
    assert np.isfinite(found.columns["pressure"]).mean() > 0.8


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.usefixtures("aws")
def test_parquet_gives_the_rows_of_the_same_csv_file(engine: str, tmp_path: Path, cache: Path) -> None:
    # Given typed columns: dates, whole numbers, floats, flags and codes
    path = tmp_path / "flights.csv"
    path.write_text(text([{"cancelled": "false"}, {"flight_number": "2", "cancelled": "true"}]))
    pq.write_table(pa_csv.read_csv(path), tmp_path / "flights.parquet")

    found = read(tmp_path / "flights.parquet", cache, engine=engine, bucket=BUCKET)

    assert dict(found.dropped) == {"cancelled": 1}
    assert rows(found) == rows(read(path, cache))[:1]


@pytest.mark.parametrize("engine", ENGINES[:2])
def test_a_truncated_row_is_refused_with_the_name_of_the_file(
    engine: str, tmp_path: Path, cache: Path
) -> None:
    path = tmp_path / "cut.csv"
    path.write_text(f"{text([{}])}2018-01-31,AA\n")

    with pytest.raises(TrainingError, match=r"cut\.csv") as refusal:
        read(path, cache, engine=engine)

    assert "\n" not in str(refusal.value)


@pytest.mark.usefixtures("aws")
def test_athena_without_an_existing_bucket_is_refused(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(text([{}]))

    with pytest.raises(TrainingError, match="name it with --bucket"):
        read(path, cache, engine="athena")
    with pytest.raises(TrainingError, match="cannot use the bucket no-such-bucket"):
        read(path, cache, engine="athena", bucket="no-such-bucket")


def test_duckdb_reads_the_text_na_in_a_number_column_as_missing(tmp_path: Path, cache: Path) -> None:
    # DuckDB 2.0.0 raises an error for a cast that its CSV reader should only try (its issue 23818).
    path = tmp_path / "flights.csv"
    path.write_text(text([{"departure_delay": "NA"}]))

    assert "departure_delay" not in read(path, cache).columns
