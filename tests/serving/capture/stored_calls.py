"""Captured calls of the tests, and an S3 that keeps what is written."""

import json
from datetime import UTC, datetime
from typing import Any

from serving.capture.record import CapturedRequest
from serving.lambda_function.s3 import S3Error

FOLDER = "s3://artifacts/captures/model/primary"


class FakeS3:
    """S3 with the method of the client that captures need; a clock of the test needs no server."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.is_down = False

    def write(self, url: str, body: bytes, *, media_type: str, seconds: float) -> None:
        assert media_type == "application/jsonlines"
        assert seconds > 0
        if self.is_down:
            raise S3Error("access is denied")
        self.objects[url] = body

    @property
    def ids(self) -> list[list[str]]:
        """Ids of the requests in each object."""
        return [[_id(json.loads(line)) for line in body.splitlines()] for body in self.objects.values()]


def _id(record: dict[str, Any]) -> str:
    return str(record["eventMetadata"]["inferenceId"])


def call_of(
    id: str = "id", *, hour: int = 17, request: bytes = b'{"size":11}', **parts: Any
) -> CapturedRequest:
    values: dict[str, Any] = {
        "request": request,
        "request_type": "application/json",
        "response": b'{"predictions":[]}',
        "response_type": "application/json",
        "id": id,
        "time": datetime(2026, 2, 14, hour, 25, 49, 7_000, tzinfo=UTC),
    }
    return CapturedRequest(**(values | parts))
