"""Batches: every request gets the same response as without a batch."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from serving.predict.options import Options
from serving.predict.prediction import Prediction
from serving.predict.predictor import Predictor
from serving.predict.request import InferenceRequest, RequestMetadata
from serving.rows.request_rows import RequestRows
from serving.workers.batch import Batch

JSON: RequestMetadata = (b"application/json", b"", b"", b"")
CSV: RequestMetadata = (b"text/csv", b"", b"", b"")


def ask(predictor: Predictor, *asked: tuple[bytes, RequestMetadata]) -> list[Any]:
    answers = Batch(predictor).answer([InferenceRequest("", body, metadata) for body, metadata in asked])
    return [(answer.status, json.loads(answer.body).get("predictions")) for answer in answers]


def test_requests_of_all_shapes_in_one_batch_get_the_responses_of_separate_requests(
    binary: Predictor,
) -> None:
    asked = [
        (b'{"size":1,"kind":"ant"}', JSON),
        (b'{"instances":[{"size":2},{"size":3,"day":"2024-02-29"}]}', JSON),
        (b'{"values":[[4,2],[5]]}', JSON),
        (b"size\r\n6\r\n", CSV),
        (b"7,,,,bee", CSV),
        (b'{"size":8}', (b"application/json", b"", b"", b"probabilities=true&threshold=1")),
    ]

    together = ask(binary, *asked)

    assert together == [found for one in asked for found in ask(binary, one)]
    assert [status for status, _ in together] == [200] * len(asked)
    assert together[-1][1][0]["label"] == "no"


def test_an_invalid_request_does_not_affect_the_others_of_its_batch(binary: Predictor) -> None:
    right = (b'{"size":1}', JSON)
    wrong = [
        (b"{", JSON),
        (b'{"size":-1}', JSON),
        (b"{}", (b"text/plain", b"", b"", b"")),
        (b'{"size":1}', (*JSON[:3], b"x")),
    ]

    answers = ask(binary, right, *wrong, right)

    assert [status for status, _ in answers] == [200, 400, 422, 415, 400, 200]
    assert answers[0] == answers[-1] == ask(binary, right)[0]


def test_skipped_rows_are_reported_in_their_own_request(binary: Predictor) -> None:
    skipping = (b'{"instances":[{"size":1},{"size":-1},{"size":3}]}', (*JSON[:3], b"on_error=skip"))

    first, second, last = ask(binary, (b'{"size":2}', JSON), skipping, (b'{"size":4}', JSON))

    assert [len(predictions) for _, predictions in (first, second, last)] == [1, 3, 1]
    assert "errors" in second[1][1]
    assert [last] == ask(binary, (b'{"size":4}', JSON))


def test_rows_that_fail_in_the_model_fail_only_their_own_request(
    regression: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    answers = ask(regression, (b'{"side":2}', JSON), (b'{"side":1e30}', JSON), (b'{"side":3}', JSON))

    assert answers == [(200, [{"value": 4}]), (500, None), (200, [{"value": 9}])]
    assert [record.getMessage() for record in caplog.records] == [
        "A request failed: The model answered inf, which is not a finite number."
    ]


def test_a_failed_run_is_repeated_for_each_request(
    regression: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = regression.predict

    def refusing(rows: RequestRows, options: Options) -> Sequence[Prediction]:
        if 13.0 in rows.columns["side"]:
            raise RuntimeError("It does not like thirteen.")
        return predict(rows, options)

    monkeypatch.setattr(regression, "predict", refusing)

    answers = ask(regression, (b'{"side":2}', JSON), (b'{"side":13}', JSON), (b'{"side":3}', JSON))

    assert [status for status, _ in answers] == [200, 500, 200]


def test_a_response_has_the_number_of_rows_and_the_version(binary: Predictor) -> None:
    (answer,) = Batch(binary).answer([InferenceRequest("", b'{"instances":[{"size":1},{"size":2}]}', JSON)])

    version = binary.version.encode()
    assert answer.rows == 2
    assert answer.head == (
        b"content-type: application/json\r\nx-model-version: %b\r\n"
        b"x-amzn-sagemaker-custom-attributes: model_version=%b\r\n" % (version, version)
    )
