"""Deadlines, timeouts and retries of the calls to AWS; no test measures time."""

import json
import socket
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session

from lambda_src.invoker.aws_service import service_url
from lambda_src.invoker.call_errors import CallError
from lambda_src.invoker.model_call import Caller, Deadline
from tests.lambda_src.conftest import Import, set_timeouts
from tests.lambda_src.events import GOOD, Context, assert_problem, post
from tests.lambda_src.sagemaker_runtime import Answer, Bytes, Runtime, prediction
from tests.local.polling import until

LINE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
HEAD = LINE + b"content-length: 1000000\r\n\r\n"
CHUNKED = LINE + b"transfer-encoding: chunked\r\n\r\n"
HANGS = Answer(status=None)

SLOW = [
    pytest.param(HANGS, id="hangs"),
    pytest.param(Bytes(first=LINE, end="hang"), id="hangs in the header"),
    pytest.param(Bytes(first=HEAD, end="hang"), id="hangs in the body"),
    pytest.param(Bytes(drip=b"H"), id="drips before the header"),
    pytest.param(Bytes(first=LINE + b"x: ", drip=b"x"), id="drips in the header"),
    pytest.param(Bytes(drip=b"HTTP/1.1 100 Continue\r\n\r\n"), id="endless 100 Continue"),
    pytest.param(Bytes(first=HEAD, drip=b" "), id="drips in the body"),
    pytest.param(Bytes(first=CHUNKED, drip=b"1\r\n \r\n"), id="drips in chunks"),
    pytest.param(Bytes(first=CHUNKED, drip=b"0"), id="drips in the size of a chunk"),
    pytest.param(Bytes(first=LINE + b"\r\n", drip=b" "), id="drips without a length"),
]
MODEL = {"version": "abc", "instance": {"size": 1}}
SEVERAL = {"models": {"tiny": MODEL, "big": MODEL}}
HOSTS = pytest.mark.parametrize("host", [{}, {"FUNCTION_NAME": "Tiny"}], ids=["endpoint", "function"])


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_deadline_counts_down_to_zero_and_not_below() -> None:
    clock = Clock()
    deadline = Deadline(9.5, clock=clock)

    clock.now += 9
    assert deadline.remaining() == 0.5
    clock.now += 9
    assert deadline.remaining() == 0


def test_a_nearer_deadline_is_never_later_than_the_one_it_is_within() -> None:
    clock = Clock()
    deadline = Deadline(9.5, clock=clock)

    assert deadline.within(0.8).remaining() == pytest.approx(0.8)
    assert deadline.within(60).remaining() == 9.5
    clock.now += 10
    assert deadline.within(0.8).remaining() == 0


def test_a_call_after_its_deadline_is_not_made() -> None:
    calls: list[str] = []

    with pytest.raises(CallError, match="before the call") as raised:
        Caller().call(lambda: calls.append("made"), Deadline(0))

    assert raised.value.cause == "out_of_time"
    assert calls == []


def test_a_call_that_does_not_return_is_abandoned_at_its_deadline() -> None:
    never = threading.Event()

    with pytest.raises(CallError, match="during the call") as raised:
        Caller().call(never.wait, Deadline(0.01))

    assert raised.value.cause == "out_of_time"
    never.set()


def test_a_ninth_call_beside_eight_pending_ones_is_refused_until_one_of_them_returns() -> None:
    caller, end = Caller(), threading.Event()
    for _ in range(8):
        with pytest.raises(CallError, match="during the call"):
            caller.call(end.wait, Deadline(0.01))

    with pytest.raises(CallError, match="still pending") as raised:
        caller.call(lambda: "answered", Deadline(60))
    assert raised.value.cause == "unreachable"

    end.set()
    until(lambda: answers(caller))


def answers(caller: Caller) -> bool:
    """Whether the caller makes a call."""
    try:
        return caller.call(lambda: "answered", Deadline(60)) == "answered"
    except CallError:
        return False


def test_calls_one_after_another_are_made_in_one_thread() -> None:
    caller = Caller()

    threads = {caller.call(threading.get_ident, Deadline(60)) for _ in range(9)}

    assert len(threads) == 1


@HOSTS
@pytest.mark.parametrize("answer", SLOW)
@pytest.mark.usefixtures("_unlimited_client")
def test_a_slow_host_is_answered_504_at_the_deadline_although_the_client_would_wait_ten_minutes(
    start_invoker: Import, runtime: Runtime, answer: Answer | Bytes, host: dict[str, str]
) -> None:
    invoker = start_invoker(runtime.url, **host)
    runtime.respond(answer)

    assert_problem(invoker.handler(post("{}"), Context(seconds=0.6)), 504)


@pytest.mark.parametrize(
    ("context", "seconds"),
    [(Context(), 9.5), (None, 9.5), (Context(seconds=900), 9.5), (Context(seconds=4), 3.5)],
    ids=["the stack's timeout", "no context", "a long timeout", "less time left"],
)
def test_a_request_has_nine_and_a_half_seconds_or_half_a_second_less_than_the_function(
    invoker: ModuleType, monkeypatch: pytest.MonkeyPatch, context: Context | None, seconds: float
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(invoker, "Deadline", asked.append)
    monkeypatch.setattr(invoker, "_respond", lambda *_: invoker.ProxyResponse(200, {}))

    invoker.handler(post("{}"), context)

    assert asked == [seconds]


@pytest.mark.parametrize("left", [0, 0.001, 0.4], ids=["nothing", "1 ms", "less than the margin"])
def test_without_time_left_the_host_gets_no_request(
    invoker: ModuleType, runtime: Runtime, left: float
) -> None:
    runtime.respond(prediction(GOOD))

    assert_problem(invoker.handler(post("{}"), Context(seconds=left)), 504)

    assert runtime.requests == []


def timeouts(monkeypatch: pytest.MonkeyPatch, start: Callable[[], object]) -> list[tuple[float, float]]:
    """The seconds to connect and to read of the sessions of HTTP that a cold start opens."""
    found: list[tuple[float, float]] = []
    opened = URLLib3Session.__init__

    def record(session: URLLib3Session, **options: Any) -> None:
        found.append(options["timeout"])
        opened(session, **options)

    monkeypatch.setattr(URLLib3Session, "__init__", record)
    start()
    return found


def test_two_attempts_at_an_endpoint_end_before_the_deadline(
    start_invoker: Import, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(connect, read)] = timeouts(monkeypatch, lambda: start_invoker(runtime.url))

    assert 2 * (connect + read) + 1 < 9.5


@pytest.mark.parametrize("host", [{"COLD_STARTS": "true"}, {"FUNCTION_NAME": "Tiny"}, SEVERAL])
def test_a_host_with_cold_starts_has_until_the_deadline(
    start_invoker: Import, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, host: dict[str, Any]
) -> None:
    [(_, read)] = timeouts(monkeypatch, lambda: start_invoker(runtime.url, **host))

    assert read > 9.5


def test_a_host_that_does_not_answer_in_the_read_timeout_is_tried_twice(
    start_invoker: Import, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_timeouts(monkeypatch, seconds=0.05)
    invoker = start_invoker(runtime.url)
    runtime.respond(HANGS)
    sent: list[str] = []
    send = URLLib3Session.send

    def note(session: URLLib3Session, request: Any) -> Any:
        sent.append(request.url)
        return send(session, request)

    monkeypatch.setattr(URLLib3Session, "send", note)

    assert_problem(invoker.handler(post("{}"), Context()), 504)
    assert len(sent) == 2
    # A busy host reads a request after its client has given up.
    until(lambda: len(runtime.requests) == 2)


@pytest.mark.usefixtures("_unlimited_client")
def test_after_an_abandoned_call_the_next_request_succeeds(start_invoker: Import, runtime: Runtime) -> None:
    invoker = start_invoker(runtime.url)
    runtime.respond(Bytes(first=HEAD, drip=b" "))
    assert_problem(invoker.handler(post("{}"), Context(seconds=0.6)), 504)

    runtime.respond(prediction(GOOD))

    assert invoker.handler(post("{}"), Context())["statusCode"] == 200


def test_a_name_server_that_hangs_holds_at_most_eight_threads(
    start_invoker: Import, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoker = start_invoker(runtime.url)
    runtime.respond(prediction(GOOD))
    answers, lookup = threading.Event(), socket.getaddrinfo
    known = {*threading.enumerate()}

    def wait_and_look_up(*arguments: Any) -> Any:
        answers.wait()
        return lookup(*arguments)

    monkeypatch.setattr(socket, "getaddrinfo", wait_and_look_up)
    statuses = {invoker.handler(post("{}"), Context(seconds=0.52))["statusCode"] for _ in range(30)}

    assert statuses == {502, 504}
    held = [found for found in {*threading.enumerate()} - known if "_run" in found.name]
    assert len(held) <= 8
    answers.set()
    until(lambda: invoker.handler(post("{}"), Context())["body"] == json.dumps(GOOD))


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "https://runtime.sagemaker.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "http://own"},
            "http://own",
        ),
    ],
    ids=["region and domain", "one URL for all services", "a URL for the service"],
)
def test_the_environment_gives_the_url_of_a_service(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str
) -> None:
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    monkeypatch.setenv("URL_SUFFIX", "amazonaws.com.cn")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert service_url("runtime.sagemaker", "SAGEMAKER_RUNTIME") == url


def test_a_service_that_keeps_failing_is_not_asked_twice_for_ever(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(Answer(status=503))

    for _ in range(60):
        invoker.handler(post("{}"), Context())

    assert len(runtime.requests) == 60 + 50


def test_a_request_has_the_trace_of_the_call(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.respond(Answer(status=503))
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-0-0;Parent=0;Sampled=0")

    invoker.handler(post("{}"), Context())

    assert runtime.requests[0].headers["x-amzn-trace-id"] == "Root=1-0-0;Parent=0;Sampled=0"
