"""The log: one JSON object per line and event."""

import json
import logging
from typing import Any

import pytest

from serving.log import JsonFormatter, log_event


def parsed(records: list[logging.LogRecord]) -> list[dict[str, Any]]:
    lines = [JsonFormatter().format(record) for record in records]
    assert not any("\n" in line for line in lines)
    return [json.loads(line) for line in lines]


def test_an_event_is_one_line_with_its_time_level_and_fields(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        log_event("info", "worker ready", worker=7, reason=None)

    (event,) = parsed(caplog.records)
    assert (event["level"], event["event"], event["worker"], event["reason"]) == (
        "info",
        "worker ready",
        7,
        None,
    )
    assert event["time"].endswith("+00:00")


def test_a_line_end_in_a_field_does_not_start_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    log_event("warning", "request", path='/\n{"level":"critical"}')

    (event,) = parsed(caplog.records)
    assert event["path"] == '/\n{"level":"critical"}'


def test_an_error_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        int("odd")
    except ValueError:
        logging.getLogger("serving").exception("error in the program")

    (event,) = parsed(caplog.records)
    assert "ValueError: invalid literal" in event["traceback"]
