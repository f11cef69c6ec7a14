"""Tries of a download: their timeouts, pauses and causes."""

import socket

import pytest
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from training.data.data_options import DataOptions
from training.data.retries import BusyError, Tries, cause_of


def test_the_first_sentence_about_a_silent_site_comes_within_ten_seconds() -> None:
    tries = Tries("http://127.0.0.1:9/a.zip", DataOptions(sleep=lambda _: None), (1.0,))

    first = tries.timeout
    tries.failed(HTTPError("silent"))

    # connect and read are at most so long, and a slow site is awaited longer from then on
    assert first.connect_timeout in range(1, 11)
    assert first.read_timeout in range(1, 11)
    assert tries.timeout.read_timeout == 60


@pytest.mark.parametrize(("header", "pause"), [("7", 7.0), ("9999", 64.0), (None, 1.0)])
def test_the_pause_that_a_busy_site_asks_for_is_kept_to_a_limit(header: str | None, pause: float) -> None:
    pauses: list[float] = []
    tries = Tries("http://127.0.0.1:9/a.zip", DataOptions(sleep=pauses.append), (1.0,))

    tries.failed(BusyError(503, header))

    assert pauses == [pause]


UNRESOLVED = NameResolutionError("site", HTTPConnection("site"), socket.gaierror())


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (UNRESOLVED, "its name has no address here"),
        (MaxRetryError(HTTPConnectionPool("site"), "/", UNRESOLVED), "its name has no address here"),
        (NewConnectionError(HTTPConnection("site"), "refused"), "it cannot be reached"),
        (ConnectTimeoutError(), "no connection within 5 s"),
        (ReadTimeoutError(HTTPConnectionPool("site"), "/", "slow"), "no answer in time"),
        (BusyError(503, None), "it answered with status 503"),
        (HTTPError("broken\nby something"), "broken"),
    ],
    ids=["name", "last of several tries", "refused", "connect", "read", "busy", "other"],
)
def test_the_cause_of_a_failed_try_is_named_in_words_for_a_user(error: HTTPError, cause: str) -> None:
    found = cause_of(error)

    assert found.startswith(cause)
    assert "\n" not in found


def test_the_error_of_the_last_try_is_raised() -> None:
    tries = Tries("http://127.0.0.1:9/a.zip", DataOptions(sleep=lambda _: None), (1.0,))
    last = HTTPError("second")

    tries.failed(HTTPError("first"))
    with pytest.raises(HTTPError) as raised:
        tries.failed(last)

    assert raised.value is last
