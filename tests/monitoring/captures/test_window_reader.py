"""Windows: rows of captured calls in every form of a request, ranges of time, and samples."""

import datetime
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.config import Config

from bundle import Manifest, read_archive
from monitoring.captures.capture_store import CapturesError, FolderCaptureStore, S3CaptureStore
from monitoring.captures.capture_window import CaptureCounts, CaptureWindow
from monitoring.captures.window_reader import read_window
from serving.predict.predictor import Predictor
from tests.emulated_s3 import emulate_s3
from tests.monitoring.captured_calls import CONFIG, MORNING, captured_call, write_calls
from tests.serving.bundles import write_colour_bundle, write_square_bundle
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

ANT = {"size": 1.0, "kind": "ant", "day": "2024-02-29", "at": "17:45", "count": 2}
PROBABILITY = 0.731059


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return write_tiny_bundle(tmp_path / "tiny.tar.gz").manifest


@pytest.fixture
def predictor(tmp_path: Path, manifest: Manifest) -> Predictor:  # noqa: ARG001 - it writes the bundle
    return Predictor(read_archive(tmp_path / "tiny.tar.gz"))


def window_of(folder: Path, manifest: Manifest, **range_: Any) -> CaptureWindow:
    return read_window(FolderCaptureStore(folder), manifest, **range_)


@pytest.mark.parametrize("encoding", ["plain", "BASE64"])
@pytest.mark.parametrize(
    "accept", ["application/json", "text/csv", "text/csv;header=absent", "application/jsonlines"]
)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", msgspec.json.encode(ANT)),
        ("application/json", msgspec.json.encode({"instances": [ANT]})),
        ("application/json", b'{"values": [[1.0, 2, "2024-02-29", "17:45", "ant"]]}'),
        ("application/json", b'{"data": "size,kind,day,at,count\\n1,ant,2024-02-29,17:45,2"}'),
        ("text/csv; charset=utf-8", b"1,2,2024-02-29,17:45,ant\n"),
        ("text/csv; header=present", b"kind,size,day,at,count\nant,1,2024-02-29,17:45,2\n"),
        ("application/jsonlines", msgspec.json.encode(ANT) + b"\n"),
    ],
)
def test_every_form_of_a_request_gives_the_same_row(
    content_type: str,
    body: bytes,
    accept: str,
    encoding: str,
    tmp_path: Path,
    predictor: Predictor,
    manifest: Manifest,
) -> None:
    config = CONFIG if encoding == "plain" else {"CaptureOptions": CONFIG["CaptureOptions"]}
    call = captured_call(predictor, body, content_type=content_type, accept=accept)
    write_calls(tmp_path / "captures", [call], config=config)

    window = window_of(tmp_path / "captures", manifest)

    assert window.columns == {
        "size": [1.0],
        "count": [2],
        "day": [datetime.date(2024, 2, 29)],
        "at": ["17:45"],
        "kind": ["ant"],
    }
    assert window.predictions == [pytest.approx(PROBABILITY, abs=1e-6)]
    assert (window.times, window.ids, window.counts) == ([MORNING], ["request"], CaptureCounts(captured=1))


def test_absent_values_are_none_in_the_columns(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    write_calls(
        tmp_path / "c", [captured_call(predictor, {"instances": [{"size": 1}, ANT | {"count": None}]})]
    )

    window = window_of(tmp_path / "c", manifest)

    assert window.columns["count"] == [None, None]
    assert window.columns["kind"] == [None, "ant"]
    assert window.calls == [0, 0]


def test_invalid_rows_of_a_request_that_skips_them_have_no_prediction(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    body = {"instances": [{"size": 0}, {"size": "large"}, {"size": 1}]}
    for number, accept in enumerate(["application/json", "text/csv", "application/jsonlines"]):
        call = captured_call(predictor, body, accept=accept, query=b"on_error=skip")
        write_calls(tmp_path / "c", [call], name=f"calls-{number}")

    window = window_of(tmp_path / "c", manifest)

    assert window.columns["size"] == [0, 1] * 3
    assert window.predictions == pytest.approx([0.5, PROBABILITY] * 3, abs=1e-6)


def test_refused_calls_health_checks_and_broken_lines_are_counted(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    calls = [
        captured_call(predictor, {"size": 1}),
        captured_call(predictor, {"size": -1}),
        captured_call(predictor, b"{", id="other"),
        captured_call(predictor, EXAMPLE, id=""),
        # The same row of a client, and another one without an id.
        captured_call(predictor, EXAMPLE),
        captured_call(predictor, {"size": 2}, id=""),
    ]
    write_calls(tmp_path / "c", calls)
    [file] = (tmp_path / "c").rglob("*.jsonl")
    file.write_text(file.read_text() + '{"captureData": {}}\n\nno JSON\n')

    window = window_of(tmp_path / "c", manifest)

    assert window.columns["size"] == [1, 0, 2]
    assert window.counts == CaptureCounts(captured=6, refused=2, checks=1, unreadable=2)


def test_rows_of_another_version_have_no_prediction_and_those_of_another_model_are_left_out(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    newer = Predictor(write_tiny_bundle(tmp_path / "newer.tar.gz", weight=2.0))
    other = Predictor(write_tiny_bundle(tmp_path / "other.tar.gz", name="other"))
    write_calls(tmp_path / "c", [captured_call(one, {"size": 1}) for one in (predictor, newer, other)])

    window = window_of(tmp_path / "c", manifest)

    assert sorted(window.predictions, key=str) == [pytest.approx(PROBABILITY, abs=1e-6), None]
    assert window.versions == {predictor.version: 1, newer.version: 1}
    assert window.counts.of_other_models == 1


def test_labels_and_values_are_predictions_too(tmp_path: Path) -> None:
    colour, square = write_colour_bundle(tmp_path / "a.tar.gz"), write_square_bundle(tmp_path / "b.tar.gz")
    for accept in ("application/json", "text/csv"):
        words = captured_call(
            Predictor(colour), {"instances": [{"word": "blue"}, {"word": "red"}]}, accept=accept
        )
        sides = captured_call(Predictor(square), {"side": 2}, accept=accept)
        write_calls(tmp_path / "colour", [words], name=accept[-3:])
        write_calls(tmp_path / "square", [sides], name=accept[-3:])

    assert window_of(tmp_path / "colour", colour.manifest).predictions == ["blue", "red"] * 2
    assert window_of(tmp_path / "square", square.manifest).predictions == [4.0] * 2


def test_requests_alone_are_rows_without_predictions(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    config = CONFIG | {"CaptureOptions": [{"CaptureMode": "Input"}]}
    write_calls(tmp_path / "c", [captured_call(predictor, {"size": 1})], config=config)

    assert window_of(tmp_path / "c", manifest).predictions == [None]


def test_a_range_of_time_has_its_start_and_not_its_end(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    for hours in range(5):
        call = captured_call(predictor, {"size": hours}, time=MORNING + timedelta(hours=hours))
        write_calls(tmp_path / "c", [call])

    window = window_of(
        tmp_path / "c", manifest, start=MORNING + timedelta(hours=1), end=MORNING + timedelta(hours=3)
    )

    assert window.columns["size"] == [1, 2]


def test_the_newest_rows_end_with_the_call_that_completes_them(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    calls = [
        captured_call(predictor, {"size": number}, time=MORNING + timedelta(minutes=number))
        for number in range(60)
    ]
    write_calls(tmp_path / "c", calls)

    window = window_of(tmp_path / "c", manifest, newest=7)

    assert window.columns["size"] == [*range(53, 60)]
    assert not window.is_sample


def test_a_window_of_more_rows_than_fit_is_the_same_sample_of_all_days_every_time(
    tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    for day in range(5):
        time = MORNING + timedelta(days=day)
        calls = [captured_call(predictor, {"size": number}, time=time) for number in range(80)]
        write_calls(tmp_path / "c", calls, name=f"calls-{day}")

    window, again = (window_of(tmp_path / "c", manifest, most_rows=50) for _ in range(2))

    assert window.is_sample
    assert 40 <= window.size <= 50
    assert len({time.date() for time in window.times}) == 5
    assert window == again


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "s3").mkdir()
    with emulate_s3(tmp_path / "s3") as url:
        client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(s3={"addressing_style": "path"}),
        )
        client.create_bucket(Bucket="captured", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield client


@pytest.mark.slow
def test_a_bucket_gives_the_same_window_as_its_folder(
    s3: Any, tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    for hours in range(30):
        time = MORNING + timedelta(hours=hours)
        write_calls(tmp_path / "c", [captured_call(predictor, {"size": hours}, time=time)])
    for file in (tmp_path / "c").rglob("*.jsonl"):
        s3.upload_file(str(file), "captured", f"captures/{file.relative_to(tmp_path / 'c').as_posix()}")
    range_: dict[str, Any] = {"start": MORNING + timedelta(hours=12), "end": MORNING + timedelta(hours=26)}

    for prefix in ("captures/", "captures/endpoint/"):
        found = read_window(S3CaptureStore(s3, bucket="captured", prefix=prefix), manifest, **range_)

        assert found.columns["size"] == [*range(12, 26)]
        assert found == window_of(tmp_path / "c", manifest, **range_)
    assert not read_window(S3CaptureStore(s3, bucket="captured", prefix="none/"), manifest).size
    with pytest.raises(CapturesError, match=r"s3://nobody/captures/ cannot be read .*: allow s3:ListBucket"):
        read_window(S3CaptureStore(s3, bucket="nobody", prefix="captures/"), manifest)


@pytest.mark.slow
def test_an_object_that_expires_after_it_was_listed_is_left_out(
    s3: Any, tmp_path: Path, predictor: Predictor, manifest: Manifest
) -> None:
    for hours in range(2):
        write_calls(
            tmp_path / "c", [captured_call(predictor, {"size": hours}, time=MORNING + timedelta(hours=hours))]
        )
    for file in (tmp_path / "c").rglob("*.jsonl"):
        s3.upload_file(str(file), "captured", f"captures/{file.relative_to(tmp_path / 'c').as_posix()}")
    expired: list[str] = []

    def expire_before(params: dict[str, str], **_: Any) -> None:
        if not expired:
            expired.append(params["Key"])
            s3.delete_object(**params)

    s3.meta.events.register("provide-client-params.s3.GetObject", expire_before)

    found = read_window(S3CaptureStore(s3, bucket="captured", prefix="captures/"), manifest)

    # The newest object is read first.
    assert (len(expired), found.columns["size"]) == (1, [0])
