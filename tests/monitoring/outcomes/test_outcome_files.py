"""Files of outcomes: both formats, and bad rows that are counted and named."""

from typing import Any

import pytest

from bundle import Manifest
from monitoring.outcomes.outcome_files import Outcomes
from tests.tiny_bundle import tiny_manifest


@pytest.fixture
def manifest() -> Manifest:
    return tiny_manifest()


def read(manifest: Manifest, name: str, text: str) -> Outcomes:
    outcomes = Outcomes()
    outcomes.add_file(name, text.encode(), manifest)
    return outcomes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "request_id,row,outcome\nx,,yes\nx,1,no\ny,0,yes\n"),
        ("a.csv", "\ufeffother,outcome,row,request_id\r\n1,TRUE,,x\r\n1,0,1,x\r\n1,1,,y\r\n"),
        (
            "a.jsonl",
            (
                '{"request_id":"x","outcome":"yes"}\n{"request_id":"x","row":1,"outcome":false}\n\n'
                '{"request_id":"y","outcome":1}'
            ),
        ),
    ],
)
def test_both_formats_have_request_row_and_outcome(manifest: Manifest, name: str, text: str) -> None:
    outcomes = read(manifest, name, text)

    assert outcomes.values == {"x": {0: 1.0, 1: 0.0}, "y": {0: 1.0}}
    assert (outcomes.size, outcomes.bad) == (3, 0)


def test_the_last_outcome_of_a_row_counts(manifest: Manifest) -> None:
    outcomes = read(manifest, "a.csv", "request_id,outcome\nx,yes\nx,no\n")

    assert outcomes.values == {"x": {0: 0.0}}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "a.csv",
            "x,maybe",
            "line 2: outcome is 'maybe', and must be one of no, yes (or 1, 0, true, false).",
        ),
        ("a.csv", ",", "line 2: request_id and outcome are missing."),
        ("a.jsonl", "{", "line 1: it is not JSON (Input data was truncated)."),
        ("a.jsonl", "[]", "line 1: it is not a JSON object."),
        (
            "a.jsonl",
            '{"request_id":"x","outcome":1,"row":"-1"}',
            "line 1: row is '-1', and must be the position of a row in its request, from 0 on.",
        ),
    ],
)
def test_a_bad_row_is_named_and_the_others_count(
    manifest: Manifest, name: str, text: str, sentence: str
) -> None:
    before, after = (
        ("request_id,outcome\n", "\ny,no\n") if name == "a.csv" else ("", '\n{"request_id":"y","outcome":0}')
    )

    outcomes = read(manifest, name, f"{before}{text}{after}")

    assert outcomes.values == {"y": {0: 0.0}}
    assert outcomes.named == [f"{name}, {sentence}"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xlsx", b"", "a.xlsx: its name must end in .csv, .jsonl or .ndjson."),
        ("a.csv", b"\xff", "a.csv: it is not text in UTF-8."),
        (
            "a.csv",
            b"id,outcome\n",
            (
                "a.csv: its first line must name the columns request_id, outcome and, if needed, row; "
                "request_id is missing."
            ),
        ),
    ],
)
def test_a_file_of_another_format_is_named(
    manifest: Manifest, name: str, content: bytes, sentence: str
) -> None:
    outcomes = Outcomes()
    outcomes.add_file(name, content, manifest)

    assert (outcomes.size, outcomes.bad, outcomes.named) == (0, 1, [sentence])


def test_all_bad_rows_are_counted_and_the_first_are_named(manifest: Manifest) -> None:
    outcomes = read(manifest, "a.csv", "request_id,outcome\n" + "x,maybe\n" * 1000)

    assert outcomes.bad == 1000
    assert len(outcomes.named) == 10


@pytest.mark.parametrize(("given", "bad"), [("1.5", 0), ("-2e3", 0), ("nan", 1), ("many", 1)])
def test_an_outcome_of_a_regression_is_a_number(given: Any, bad: int) -> None:
    manifest = tiny_manifest(task="regression", labels=(), positive_label=None, threshold=None)

    assert read(manifest, "a.csv", f"request_id,outcome\nx,{given}\n").bad == bad
