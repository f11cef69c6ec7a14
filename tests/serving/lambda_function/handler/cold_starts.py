"""Objects that a function starts from, and requests to it."""

import base64
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

from local.local_aws import LocalAws

BUCKET = "artifacts"
ColdStart = Callable[..., ModuleType]


def upload(aws: LocalAws, key: str, content: bytes) -> str:
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
    return f"s3://{BUCKET}/{key}"


def invoke(function: ModuleType, body: bytes, **words: str) -> tuple[int, str, bytes]:
    event = {"body": base64.b64encode(body).decode(), "content_type": "application/json"} | words
    # Lambda passes event and response as JSON.
    reply = json.loads(json.dumps(function.handler(json.loads(json.dumps(event)), None)))
    assert set(reply) == {"status", "content_type", "body", "model_version"}
    assert len(reply["model_version"]) == 12
    return reply["status"], reply["content_type"], base64.b64decode(reply["body"])


def ask(function: ModuleType, body: bytes, **words: str) -> tuple[int, str, dict[str, Any]]:
    status, content_type, answer = invoke(function, body, **words)
    return status, content_type, json.loads(answer)
