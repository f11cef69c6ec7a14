import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from tests.emulated_s3 import emulate_s3
from tests.training.flights.files import ROW, read, rows, text
from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.flights.sources.s3_files import download_objects
from training.progress import Progress

AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with emulate_s3(tmp_path_factory.mktemp("aws")) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in {**AWS, "AWS_ENDPOINT_URL": url}.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def flights_bucket(aws: None) -> str:
    """A bucket with two files of flights under a prefix, and other objects."""
    del aws
    bucket = f"flights-{uuid.uuid4().hex}"
    client = boto3.client("s3")
    client.create_bucket(Bucket=bucket)
    for key, content in {
        "2018/a.csv": text([{}]),
        "2018/b.csv": text([{"flight_date": "2018-02-01"}]),
        "2018/b.csv.md5": "d41d8cd9",
        "2018/_temporary/0/c.csv": text([{"flight_date": "2018-03-01"}]),
        "page.html": "<html>",
    }.items():
        client.put_object(Bucket=bucket, Key=key, Body=content.encode())
    return bucket


def test_an_object_is_read(flights_bucket: str, tmp_path: Path) -> None:
    found = read(f"s3://{flights_bucket}/2018/a.csv", tmp_path)

    assert rows(found) == [ROW]
    assert found.name == f"s3://{flights_bucket}/2018/a.csv"


def test_all_files_under_a_prefix_are_read_together(flights_bucket: str, tmp_path: Path) -> None:
    assert rows(read(f"s3://{flights_bucket}/2018/", tmp_path)) == [ROW, {**ROW, "flight_date": "2018-02-01"}]


def test_an_object_is_downloaded_once_and_again_after_a_change(flights_bucket: str, tmp_path: Path) -> None:
    uri = f"s3://{flights_bucket}/2018/a.csv"
    read(uri, tmp_path)
    (cached,) = tmp_path.glob("s3/**/a.csv")
    cached.write_text(text([{"carrier": "ZZ"}]))

    assert rows(read(uri, tmp_path)) == [{**ROW, "carrier": "ZZ"}]

    boto3.client("s3").put_object(
        Bucket=flights_bucket, Key="2018/a.csv", Body=text([{"origin": "JFK"}]).encode()
    )

    assert rows(read(uri, tmp_path)) == [{**ROW, "origin": "JFK"}]


@pytest.mark.parametrize("is_removed", [False, True])
def test_an_object_that_is_replaced_or_removed_after_its_listing_is_refused_and_not_kept(
    is_removed: bool, flights_bucket: str, tmp_path: Path
) -> None:
    client, key = boto3.client("s3"), "2018/a.csv"

    class Replacing(Progress):
        """Replaces or removes the object when its download is complete."""

        @contextmanager
        def transfer(self, what: str, done: int, total: int | None) -> Iterator[Callable[[int], object]]:
            with super().transfer(what, done, total) as advance:
                client.put_object(Bucket=flights_bucket, Key=key, Body=text([{"carrier": "ZZ"}]).encode())
                yield advance
            if is_removed:
                client.delete_object(Bucket=flights_bucket, Key=key)

    options = DataOptions(cache=tmp_path, progress=Replacing())
    with pytest.raises(TrainingError, match=r"2018/a\.csv was replaced or removed while it was downloaded"):
        download_objects(f"s3://{flights_bucket}/{key}", (".csv",), options)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("key", "sentence"), [("2019/", r"has no object that ends in \.csv"), ("page", "has no object that ends")]
)
def test_a_prefix_without_files_is_refused(
    key: str, sentence: str, flights_bucket: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        read(f"s3://{flights_bucket}/{key}", tmp_path)


def test_an_archived_object_is_refused_with_the_way_to_restore_it(
    flights_bucket: str, tmp_path: Path
) -> None:
    boto3.client("s3").put_object(
        Bucket=flights_bucket, Key="old.csv", Body=text([{}]).encode(), StorageClass="DEEP_ARCHIVE"
    )

    with pytest.raises(TrainingError, match=r"restore it from its archive with `aws s3api restore-object`"):
        read(f"s3://{flights_bucket}/old.csv", tmp_path)


@pytest.mark.usefixtures("aws")
def test_a_missing_bucket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"s3://no-such-bucket/x cannot be read .*NoSuchBucket"):
        read("s3://no-such-bucket/x", tmp_path)
