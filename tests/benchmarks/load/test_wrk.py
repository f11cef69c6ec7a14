"""Script for wrk, and the parser of its output."""

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.load.requests import Request
from benchmarks.load.wrk import parse, script

OUTPUT = """Running 5s test @ http://127.0.0.1:8080
  1 threads and 64 connections
Requests/sec:  10000.00

RESULT {requests} 5000000 612.000000 1899.000000 {refused} {lost}
"""


def test_counts_and_latencies_are_parsed_from_the_output() -> None:
    outcome = parse(OUTPUT.format(requests=50_000, refused=0, lost=0))

    assert (outcome.requests, outcome.seconds, outcome.p50, outcome.p99) == (50_000, 5.0, 612.0, 1_899.0)


@pytest.mark.parametrize(("refused", "lost"), [(1, 0), (0, 1)])
def test_a_failed_request_is_an_error(refused: int, lost: int) -> None:
    with pytest.raises(BenchmarkError, match="of 10 requests"):
        parse(OUTPUT.format(requests=10, refused=refused, lost=lost))


def test_the_error_for_a_run_without_a_response_names_the_option() -> None:
    with pytest.raises(BenchmarkError, match="--seconds"):
        parse(OUTPUT.format(requests=0, refused=0, lost=0))


def test_the_error_for_output_without_counts_has_the_output() -> None:
    with pytest.raises(BenchmarkError, match="unable to connect"):
        parse("unable to connect to 127.0.0.1:1")


def test_a_script_contains_every_body_unchanged() -> None:
    bodies = ['{"a":"[[x]]"}', "a,b\n1,2\n"]

    text = script([Request(path="/p", content_type="text/csv", body=body) for body in bodies])

    assert all(f"[==[\n{body}]==]" in text for body in bodies)
    assert '"POST", "/p", {["content-type"] = "text/csv"}' in text
