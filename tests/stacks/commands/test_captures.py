"""The command `make captures`: the order of the captured calls, their bodies, and invalid objects."""

import base64
import io
import json
from typing import Any

import pytest

from stacks.commands.aws_account import UnreadableAccountError
from stacks.commands.captures.__main__ import main
from stacks.commands.captures.captured_data import newest
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import deployed


class Bucket:
    """A bucket's reading calls, two keys a page; keeps the keys that were read."""

    def __init__(self, objects: dict[str, str]) -> None:
        self.objects = objects
        self.opened: list[str] = []

    def read(self, _service: str, operation: str, *, action: str, **call: Any) -> Any:  # noqa: ARG002 - the signature
        """Makes a call."""
        if operation == "get_object":
            self.opened.append(call["Key"])
            return {"Body": io.BytesIO(self.objects[call["Key"]].encode())}
        prefix = call["Prefix"]
        below = [key.removeprefix(prefix) for key in self.objects if key.startswith(prefix)]
        names = sorted({name[: name.find("/") + 1] or name for name in below})
        start = int(call.get("ContinuationToken", 0))
        page = [prefix + name for name in names[start : start + 2]]
        more = {"IsTruncated": start + 2 < len(names), "NextContinuationToken": str(start + 2)}
        return {
            "Contents": [{"Key": name} for name in page if not name.endswith("/")],
            "CommonPrefixes": [{"Prefix": name} for name in page if name.endswith("/")],
            **more,
        }


def record(time: str, *, encoding: str = "JSON", data: str = "{}") -> str:
    side = {"observedContentType": "application/json", "encoding": encoding, "data": data}
    return json.dumps(
        {
            "captureData": {"endpointInput": side},
            "eventMetadata": {"eventId": "e", "inferenceId": "i", "inferenceTime": time},
            "eventVersion": "0",
        }
    )


def test_the_newest_calls_come_first_and_older_objects_are_read_only_when_needed() -> None:
    early, late = record("2026-02-14T17:00:00Z"), record("2026-02-14T17:00:01Z")
    bucket = Bucket(
        {
            "captures/Tiny/primary/2025/12/31/23/a.jsonl": record("2025-12-31T23:00:00Z"),
            "captures/Tiny/primary/2026/02/14/16/a.jsonl": record("2026-02-14T16:00:00Z"),
            "captures/Tiny/primary/2026/02/14/17/a.jsonl": f"{early}\n{late}\n",
            "captures/Tiny/primary/2026/02/14/17/b.jsonl": record("2026-02-14T17:30:00Z"),
            "captures/Tiny/primary/2026/02/14/17/c.jsonl": record("2026-02-14T17:40:00Z"),
        }
    )

    calls = newest(bucket, bucket="b", prefix="captures/Tiny/")  # type: ignore[arg-type]

    assert [next(calls).time[11:] for _ in range(4)] == ["17:40:00Z", "17:30:00Z", "17:00:01Z", "17:00:00Z"]
    assert len(bucket.opened) == 3
    assert [call.time[:13] for call in calls] == ["2026-02-14T16", "2025-12-31T23"]


def test_a_body_in_base64_is_decoded_and_a_side_that_was_not_captured_is_empty() -> None:
    body = base64.b64encode("a,é\n".encode()).decode()
    bucket = Bucket({"captures/a.jsonl": record("2026-02-14T17:00:00Z", encoding="BASE64", data=body)})

    [call] = newest(bucket, bucket="b", prefix="captures/")  # type: ignore[arg-type]

    assert (call.request, call.response, call.id) == ("a,é\n", "", "i")


@pytest.mark.parametrize("text", ["no JSON", "{}", "[]"])
def test_an_object_that_is_no_captured_data_is_named(text: str) -> None:
    bucket = Bucket({"captures/a.jsonl": text})

    with pytest.raises(UnreadableAccountError, match=r"s3://b/captures/a\.jsonl is not captured data"):
        next(newest(bucket, bucket="b", prefix="captures/"))  # type: ignore[arg-type]


@pytest.mark.usefixtures("signed_in")
def test_a_stack_that_is_missing_is_reported(aws: AwsServer, capsys: pytest.CaptureFixture[str]) -> None:
    aws.deploy("Other", deployed("realtime"))

    code = main(["-c", "model=first_model"], {"AWS_REGION": "eu-west-1"})

    assert code == 1
    assert capsys.readouterr().err == (
        "There is no stack FirstModel in eu-west-1: deploy it, or name another.\n"
    )
