"""Captured data: records, folders, sample, encryption, and a role that may not write."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.sagemaker.capture.data_capture import DataCapture

CONFIG = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/captures",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {
        "JsonContentTypes": ["application/json"],
        "CsvContentTypes": ["text/csv"],
    },
}
EVENING = datetime(2026, 2, 14, 17, 25, 49, 123456, tzinfo=UTC)


class Bucket:
    """A client of S3 that keeps its calls, or refuses them."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.calls: list[dict[str, Any]] = []
        self._refuses = refuses

    def put_object(self, **call: Any) -> None:
        """Keeps a call."""
        if self._refuses:
            error = {"Code": "AccessDenied", "Message": "User is not authorized to perform: s3:PutObject"}
            raise ClientError({"Error": error}, "PutObject")
        self.calls.append(call)

    def records(self) -> list[dict[str, Any]]:
        """The records of all objects."""
        return [json.loads(line) for call in self.calls for line in call["Body"].decode().splitlines()]


def captured(
    tmp_path: Path, bucket: Bucket, *, times: list[datetime] | None = None, draw: float = 0.5, **config: Any
) -> DataCapture:
    """Data capture of the endpoint Tiny, whose clock shows one time after another."""
    clock = iter(times or [EVENING] * 9)
    return DataCapture(
        CONFIG | config,
        s3=bucket,
        place=("Tiny", "primary"),
        log_file=tmp_path / "log",
        clock=lambda: next(clock),
        draw=lambda: draw,
    )


def call(capture: DataCapture, **call: Any) -> None:
    """Captures one call."""
    capture.capture(
        **{
            "request": b'{"size": 1}',
            "request_type": "application/json",
            "response": b"{}",
            "response_type": "application/json",
            "inference_id": "request-1",
            **call,
        }
    )


def test_a_record_is_the_documented_one(tmp_path: Path) -> None:
    bucket = Bucket()
    capture = captured(tmp_path, bucket)

    call(capture)
    capture.close()

    [record] = bucket.records()
    event_id = record["eventMetadata"].pop("eventId")
    assert len(event_id) == 36
    assert record == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "application/json",
                "mode": "INPUT",
                "data": '{"size": 1}',
                "encoding": "JSON",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": "{}",
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"inferenceId": "request-1", "inferenceTime": "2026-02-14T17:25:49Z"},
        "eventVersion": "0",
    }


@pytest.mark.parametrize(
    ("content_type", "body", "encoding", "data"),
    [
        ("text/csv; header=present", b"a\n1\n", "CSV", "a\n1\n"),
        ("application/jsonlines", b"{}\n", "BASE64", base64.b64encode(b"{}\n").decode()),
        ("", b"\xff", "BASE64", "/w=="),
    ],
)
def test_the_encoding_is_base64_unless_the_content_type_is_listed(
    tmp_path: Path, content_type: str, body: bytes, encoding: str, data: str
) -> None:
    bucket = Bucket()
    capture = captured(tmp_path, bucket)

    call(capture, request=body, request_type=content_type)
    capture.close()

    found = bucket.records()[0]["captureData"]["endpointInput"]
    assert (found["encoding"], found["data"]) == (encoding, data)


def test_a_batch_is_one_object_an_hour_below_endpoint_and_variant(tmp_path: Path) -> None:
    bucket = Bucket()
    capture = captured(tmp_path, bucket, times=[EVENING, EVENING, EVENING.replace(hour=18)])

    for _ in range(3):
        call(capture)
    capture.write_batch()

    assert [(put["Bucket"], put["Key"][:46]) for put in bucket.calls] == [
        ("bucket", "captures/Tiny/primary/2026/02/14/17/25-49-123-"),
        ("bucket", "captures/Tiny/primary/2026/02/14/18/25-49-123-"),
    ]
    assert all(put["Key"].endswith(".jsonl") for put in bucket.calls)
    assert [len(put["Body"].decode().splitlines()) for put in bucket.calls] == [2, 1]


def test_only_the_asked_sides_are_captured(tmp_path: Path) -> None:
    bucket = Bucket()
    capture = captured(tmp_path, bucket, CaptureOptions=[{"CaptureMode": "Output"}])

    call(capture, inference_id="")
    capture.close()

    [record] = bucket.records()
    assert {*record["captureData"]} == {"endpointOutput"}
    assert "inferenceId" not in record["eventMetadata"]


@pytest.mark.parametrize(("draw", "count"), [(0.29, 1), (0.3, 0)])
def test_the_sample_is_the_percentage(tmp_path: Path, draw: float, count: int) -> None:
    bucket = Bucket()
    capture = captured(tmp_path, bucket, draw=draw, InitialSamplingPercentage=30)

    call(capture)
    capture.close()

    assert len(bucket.records()) == count


@pytest.mark.parametrize(
    ("key", "encryption"),
    [
        (None, {}),
        ("alias/mine", {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/mine"}),
    ],
)
def test_objects_are_encrypted_as_the_bucket_is_or_with_the_given_key(
    tmp_path: Path, key: str | None, encryption: dict[str, str]
) -> None:
    bucket = Bucket()
    capture = captured(tmp_path, bucket, KmsKeyId=key)

    call(capture)
    capture.close()

    [put] = bucket.calls
    assert {name: value for name, value in put.items() if "SSE" in name or "Encryption" in name} == encryption


def test_a_role_that_may_not_write_is_named_in_the_log_of_the_endpoint(tmp_path: Path) -> None:
    capture = captured(tmp_path, Bucket(refuses=True))

    call(capture)
    capture.close()

    assert "not authorized to perform: s3:PutObject" in (tmp_path / "log").read_text()


def test_a_batch_is_written_while_the_endpoint_serves_and_the_last_one_when_it_ends(tmp_path: Path) -> None:
    bucket = Bucket()
    capture = captured(tmp_path, bucket)
    capture.start()

    call(capture)
    capture.close()

    assert len(bucket.records()) == 1


def test_records_are_lost_quietly_when_the_log_cannot_be_written_either(tmp_path: Path) -> None:
    capture = captured(tmp_path / "deleted", Bucket(refuses=True))
    call(capture)

    capture.write_batch()
    capture.write_batch()

    assert not (tmp_path / "deleted").exists()
