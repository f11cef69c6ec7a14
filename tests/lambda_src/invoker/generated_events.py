"""Random events and model responses, most of them partly invalid, from a seed."""

import base64
import json
import random
from typing import TYPE_CHECKING, Any

from tests.lambda_src.events import GOOD, PROBLEM, ROW, Context
from tests.lambda_src.sagemaker_runtime import Answer, Bytes, fault, model_error

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "é\u2028",
    "a" * 5000,
    "application/json",
    "text/csv",
    "%",
    "null",
    "\r\nx: y",
)
BODIES = (
    '{"size": 1.0',
    '{"size": NaN, "size": -Infinity}',
    '{"size": 1e999999}',
    "[" * 20_000,
    '{"a":' * 20_000,
    "9" * 20_000,
    "size\n1\n2\n",
    "\ufeff{}",
    json.dumps(ROW),
    json.dumps({"instances": [ROW] * 1001}),
    "x" * 1_048_577,
)
METHODS = ("POST", "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "post", "")
RESOURCES = ("/predict", "/health", "/openapi.json", "/", "/predict/", "")
ROUTES = (*[("POST", "/predict")] * 8, ("GET", "/health"), ("GET", "/openapi.json"))
HEADERS = ("Content-Type", "content-type", "Accept", "Content-Encoding", "Origin", "X-Amz-Target", "\x00")
MEMBERS = (
    "resource",
    "httpMethod",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "requestContext",
    "body",
    "isBase64Encoded",
)


def event(dice: random.Random) -> Any:
    """An event with most of its parts valid, or any other value."""
    if dice.random() < 0.02:
        return anything(dice)
    method, resource = dice.choice(ROUTES)
    if dice.random() < 0.1:
        method, resource = dice.choice(METHODS), dice.choice(RESOURCES)
    found: dict[str, Any] = {
        "resource": resource,
        "httpMethod": method,
        "headers": {dice.choice(HEADERS): text(dice) for _ in range(dice.choice((0, 0, 0, 1, 2, 3)))},
        "requestContext": {"requestId": dice.choice(("request-1", text(dice)))},
        "body": body(dice),
        "isBase64Encoded": dice.random() < 0.2,
    }
    if found["isBase64Encoded"] and dice.random() < 0.5:
        found["body"] = base64.b64encode(dice.randbytes(dice.randrange(100))).decode()
    if dice.random() < 0.3:
        found["multiValueHeaders"] = {dice.choice(HEADERS): [text(dice) for _ in range(dice.randrange(3))]}
    if dice.random() < 0.3:
        found["multiValueQueryStringParameters"] = {text(dice): [text(dice)], "on_error": ["skip"]}
    for _ in range(dice.choice((0, 0, 0, 0, 1, 2))):
        name = dice.choice(MEMBERS)
        found[name] = anything(dice)
        if dice.random() < 0.4:
            del found[name]
    return found


def body(dice: random.Random) -> str:
    """A request body: a known difficult one, or a valid one with random text in it."""
    if dice.random() < 0.5:
        return dice.choice(BODIES)
    good = json.dumps({"instances": [ROW] * dice.randrange(5)})
    cut = dice.randrange(len(good))
    return good[:cut] + text(dice)[:50] + good[cut + dice.randrange(3) :]


def text(dice: random.Random) -> str:
    """Any text."""
    if dice.random() < 0.7:
        return dice.choice(TEXTS)
    return "".join(chr(dice.choice((0, 9, 65, 0xE9, 0xDC00, 0x1F600))) for _ in range(dice.randrange(12)))


def anything(dice: random.Random, depth: int = 2) -> Any:
    """Any JSON value."""
    leaves: list[Callable[[], Any]] = [
        lambda: None,
        lambda: dice.random() < 0.5,
        lambda: dice.choice((0, -1, 10**30, float("nan"), float("inf"))),
        lambda: text(dice),
    ]
    if not depth or dice.random() < 0.5:
        return dice.choice(leaves)()
    parts = [anything(dice, depth - 1) for _ in range(dice.randrange(3))]
    return parts if dice.random() < 0.5 else {text(dice): part for part in parts}


def context(dice: random.Random) -> Any:
    """A context object, or None."""
    return Context(seconds=0.001) if dice.random() < 0.02 else dice.choice((None, Context()))


def answer(dice: random.Random, *, is_function: bool) -> Answer | Bytes:
    """Response of a model to one request, mostly a prediction."""
    if dice.random() < 0.1:
        return dice.choice(
            (
                fault(dice.choice(("ModelNotReadyException", "ValidationError", "AccessDenied"))),
                Answer(status=dice.choice((204, 301, 404, 418, 599))),
                Answer(
                    body=json.dumps(anything(dice)).encode(), headers={"x-amz-function-error": "Unhandled"}
                ),
                Bytes(first=dice.randbytes(30) + b"\r\n\r\n"),
            )
        )
    status = dice.choice(
        (200, 200, 200, dice.choice((0, 204, 400, 406, 413, 415, 422, 499, 500, 503, 504, 999)))
    )
    if status == 200 and dice.random() < 0.8:
        body, content_type = json.dumps(GOOD).encode(), "application/json"
    else:
        content_type = dice.choice(("application/json", "text/csv", "text/html", text(dice)[:50]))
        body = dice.choice((json.dumps(PROBLEM), json.dumps(anything(dice)), text(dice))).encode(
            "utf-8", "replace"
        )
    if is_function:
        return _of_function(dice, status, body, content_type)
    if status != 200:
        return model_error(status, body.decode())
    return Answer(
        body=body,
        headers={
            "content-type": _latin(content_type),
            "x-amzn-sagemaker-custom-attributes": _latin(text(dice)),
        },
    )


def _of_function(dice: random.Random, status: int, body: bytes, content_type: str) -> Answer:
    payload = {
        "status": status,
        "content_type": content_type,
        "body": base64.b64encode(body).decode(),
        "model_version": text(dice),
    }
    if dice.random() < 0.1:
        payload[dice.choice(list(payload))] = anything(dice)
    return Answer(body=json.dumps(payload).encode())


def _latin(value: str) -> str:
    """The text with only the characters that a header value may have."""
    return value.encode("latin-1", "replace").decode("latin-1").replace("\r", "").replace("\n", "")
