"""Every answer is there within ten seconds, and before the function's own time is up."""

import dataclasses
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, Context, assert_problem, post
from tests.lambda_src.sagemaker_runtime import Answer, Bytes, Runtime, fault, prediction, serve

LINE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
HEAD = LINE + b"content-length: 1000000\r\n\r\n"
CHUNKED = LINE + b"transfer-encoding: chunked\r\n\r\n"

SLOW = [
    pytest.param(Answer(status=None), id="hangs"),
    pytest.param(Bytes(first=LINE, end="hang"), id="hangs in the header"),
    pytest.param(Bytes(first=HEAD, end="hang"), id="hangs in the body"),
    pytest.param(Bytes(drip=b"H"), id="drips before the header"),
    pytest.param(Bytes(first=LINE + b"x: ", drip=b"x"), id="drips in the header"),
    pytest.param(Bytes(drip=b"HTTP/1.1 100 Continue\r\n\r\n"), id="says to go on for ever"),
    pytest.param(Bytes(first=HEAD, drip=b" "), id="drips in the body"),
    pytest.param(Bytes(first=CHUNKED, drip=b"1\r\n \r\n"), id="drips in chunks"),
    pytest.param(Bytes(first=CHUNKED, drip=b"0"), id="drips in the size of a chunk"),
    pytest.param(Bytes(first=LINE + b"\r\n", drip=b" "), id="drips without a length"),
]


def seconds(invoker: ModuleType, context: Any) -> tuple[dict[str, Any], float]:
    start = time.monotonic()
    answer: dict[str, Any] = invoker.handler(post("{}"), context)
    return answer, time.monotonic() - start


@pytest.mark.parametrize("answer", SLOW)
@pytest.mark.parametrize("model", [{}, {"FUNCTION_NAME": "Tiny"}], ids=["endpoint", "function"])
def test_a_slow_runtime_is_out_of_time_before_the_function_is(
    start_invoker: Import, runtime: Runtime, answer: Answer | Bytes, model: dict[str, str]
) -> None:
    invoker = start_invoker(runtime.url, **model)
    runtime.respond(answer)

    found, taken = seconds(invoker, Context(seconds=1))

    assert_problem(found, 504)
    assert taken < 1


def test_with_all_the_time_there_is_a_slow_runtime_is_out_of_time_within_ten_seconds(
    start_invoker: Import,
) -> None:
    slow: list[Answer | Bytes] = [
        Answer(status=None),
        Bytes(first=LINE + b"x: ", drip=b"x", seconds=1),
        Bytes(first=HEAD, drip=b" "),
    ]
    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        runtimes = [stack.enter_context(serve()) for _ in slow]
        for runtime, answer in zip(runtimes, slow, strict=True):
            runtime.respond(answer)
        invokers = [start_invoker(runtime.url) for runtime in runtimes]

        found = list(threads.map(seconds, invokers, [Context(), None, Context(seconds=900)]))

    for late, taken in found:
        assert_problem(late, 504)
        assert taken < 10
    assert len(runtimes[0].requests) == 2


@pytest.mark.parametrize("left", [0, 0.001, 0.4], ids=["nothing", "1 ms", "less than the margin"])
def test_with_no_time_left_nothing_is_asked(invoker: ModuleType, runtime: Runtime, left: float) -> None:
    runtime.respond(prediction(GOOD))

    found, taken = seconds(invoker, Context(seconds=left))

    assert_problem(found, 504)
    assert taken < 0.1
    assert runtime.requests == []


def test_no_second_attempt_begins_after_the_deadline(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(dataclasses.replace(fault("ThrottlingException"), seconds=0.45))

    found, taken = seconds(invoker, Context(seconds=1))

    assert found["statusCode"] in (429, 504)
    assert taken < 1


def test_after_a_drip_the_next_request_is_answered_at_once(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(Bytes(first=HEAD, drip=b" "))
    seconds(invoker, Context(seconds=0.7))

    runtime.respond(prediction(GOOD))
    found, taken = seconds(invoker, Context())

    assert found["statusCode"] == 200
    assert taken < 1


@pytest.mark.parametrize("model", [{"COLD_STARTS": "true"}, {"FUNCTION_NAME": "Tiny"}])
def test_a_model_that_has_to_start_first_is_waited_for(start_invoker: Import, model: dict[str, str]) -> None:
    members = {"status": 200, "content_type": "application/json", "body": "e30="}
    # Of its own: what other tests left behind may ask a second time meanwhile.
    with serve() as runtime:
        invoker = start_invoker(runtime.url, **model)
        runtime.respond(dataclasses.replace(prediction(members), seconds=3.5))

        assert invoker.handler(post("{}"), Context())["statusCode"] == 200
    assert len(runtime.requests) == 1


def test_a_name_server_that_hangs_costs_no_more_than_the_time_to_connect(
    start_invoker: Import, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoker = start_invoker(runtime.url)
    runtime.respond(prediction(GOOD))
    answers, known = threading.Event(), socket.getaddrinfo
    threads = threading.active_count()

    def lookup(*arguments: Any) -> Any:
        answers.wait()
        return known(*arguments)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    found = [seconds(invoker, Context(seconds=0.7)) for _ in range(10)]

    for answer, taken in found:
        assert answer["statusCode"] in (502, 504)
        assert taken < 0.7
    assert threading.active_count() - threads <= 8
    answers.set()
    assert json.loads(wait_for_answer(invoker)["body"]) == GOOD


def wait_for_answer(invoker: ModuleType) -> dict[str, Any]:
    """The threads left behind end in their own time."""
    end = time.monotonic() + 5
    while True:
        answer: dict[str, Any] = invoker.handler(post("{}"), Context())
        if answer["statusCode"] == 200 or time.monotonic() > end:
            return answer
