"""Benchmark of a model as a Lambda function: measurement and report."""

import json
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.function.contender import CLASSIC, NOTHING, OURS
from benchmarks.function.lambda_runtime_stub import Runtime
from benchmarks.function.report import GOALS, markdown
from benchmarks.function.trial import Trial

ROOT = Path(__file__).parents[2]


def trial(*, cold: float, warm: float, handled: float) -> Trial:
    return Trial(ready=cold / 2, cold=cold, warm=[warm] * 10, handled=[handled] * 10, predictions=[])


def test_the_report_has_ratios_of_medians_and_their_goals() -> None:
    text = markdown(
        "model 1",
        {
            OURS.name: [trial(cold=cold, warm=0.0002, handled=0.0001) for cold in (0.1, 0.2, 9.0)],
            CLASSIC.name: [trial(cold=1.4, warm=0.004, handled=0.0035)] * 3,
            NOTHING.name: [trial(cold=0.1, warm=0.0001, handled=0.0)] * 3,
        },
    )

    assert "| this project | 100.000 (50.000-4,500.000) | 200.000 (100.000-9,000.000) | 0.200 " in text
    assert f"| cold: first answer | 7.0 | {GOALS['cold']} |" in text
    assert f"| warm p50: event to answer | 20.0 | {GOALS['warm']} |" in text
    assert f"| warm p50: the handler alone | 35.0 | {GOALS['warm']} |" in text
    assert "50% of this project's answer and 2% of the classic's" in text


def post(connection: socket.socket, path: str, body: bytes) -> None:
    connection.sendall(b"POST %b HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (path.encode(), len(body), body))


def test_a_function_gets_an_event_and_its_response_has_a_time() -> None:
    runtime = Runtime()
    host, port = runtime.address.split(":")

    def function() -> None:
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n")
            event = connection.recv(4096).partition(b"\r\n\r\n")[2]
            post(connection, "/2018-06-01/runtime/invocation/1/response", event)
            connection.recv(4096)

    thread = threading.Thread(target=function)
    thread.start()
    runtime.wait()
    sent, received, response = runtime.invoke(b'{"size": 1}')
    thread.join()
    runtime.close()

    assert response == {"size": 1}
    assert sent < received


@pytest.mark.parametrize(
    ("path", "call", "message"),
    [
        ("init/error", Runtime.wait, "it does not start: "),
        ("invocation/1/error", lambda runtime: runtime.invoke(b"{}"), "the function fails: "),
    ],
)
def test_a_function_that_fails_is_an_error(
    path: str, call: Callable[[Runtime], object], message: str
) -> None:
    runtime = Runtime()
    host, port = runtime.address.split(":")
    with socket.create_connection((host, int(port))) as connection:
        post(connection, f"/2018-06-01/runtime/{path}", b'{"errorMessage": "no model"}')
        with pytest.raises(BenchmarkError, match=f"{message}.*no model"):
            call(runtime)
    runtime.close()


def test_both_functions_get_the_same_row() -> None:
    row = '{"size": 1}'

    event = OURS.event(row)
    assert json.loads(str(CLASSIC.event(row)["body"])) == {"size": 1}
    assert event["body"] == "eyJzaXplIjogMX0="
    assert CLASSIC.prediction({"body": '{"predictions": [7]}'}) == 7


def test_the_results_file_has_every_row_for_each_model() -> None:
    text = (ROOT / "benchmarks" / "results" / "function.md").read_text()

    for row in ("| this project |", "| cold: first answer |", "| warm p50: the handler alone |"):
        assert len(re.findall(re.escape(row), text)) == text.count("\n## ") >= 1


def test_the_classic_function_imports_no_module_of_this_project() -> None:
    source = (ROOT / "benchmarks" / "function" / "scikit_learn_pickle.py").read_text()

    assert "import pandas" in source
    assert not re.search(r"^(from|import) (bundle|serving|training)", source, re.MULTILINE)
