"""Quantiles of the second target in predictions: only when asked for, and only from then on loaded."""

import json
from pathlib import Path
from typing import Any

import pytest

from bundle import Field, write_archive
from serving.predict.batch_transform import LineTransformer
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.media_type import CSV_TYPE, JSON_LINES_TYPE
from serving.predict.onnx_model import ModelError
from serving.predict.options import query_of_attributes
from serving.predict.predictor import Predictor
from serving.predict.request import InferenceRequest
from serving.problem import Problem
from serving.workers.batch import Batch
from tests.serving.bundles import write_mixing_bundle, write_square_bundle
from tests.tiny_bundle import (
    tiny_graph,
    tiny_manifest,
    tiny_quantiles,
    tiny_quantiles_graph,
    write_tiny_bundle,
)

ASKED = b"minutes=true"
ROW = json.dumps({"size": 2}).encode()


def answer(predictor: Predictor, query: bytes, *, accept: str = "", body: bytes = ROW) -> bytes:
    metadata = (b"application/json", b"", accept.encode(), query)
    return predictor.answer(body, predictor.parameters.parse(metadata))


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    return Predictor(write_tiny_bundle(tmp_path / "a.tar.gz", quantiles=tiny_quantiles()))


def test_a_prediction_has_the_quantiles_when_the_request_asks_for_them(predictor: Predictor) -> None:
    [found] = json.loads(answer(predictor, ASKED))["predictions"]

    assert found["minutes"] == {"low": 15, "median": 20, "high": 40}
    assert found["label"] == "yes"


@pytest.mark.parametrize("number", [1, 2], ids=["alone", "beside another request"])
@pytest.mark.parametrize("body", [ROW, b'{"instances":[{"size":2}]}'], ids=["row", "instances"])
def test_a_worker_adds_them_to_a_request_alone_and_beside_another(
    predictor: Predictor, body: bytes, number: int
) -> None:
    request = InferenceRequest("", body, (b"application/json", b"", b"", ASKED))

    responses = Batch(predictor).answer([request] * number)

    assert [response.body for response in responses] == [answer(predictor, ASKED)] * number


@pytest.mark.parametrize("query", [b"", b"minutes=false"])
def test_a_prediction_has_no_quantiles_otherwise(predictor: Predictor, query: bytes) -> None:
    [found] = json.loads(answer(predictor, query))["predictions"]

    assert [*found] == ["label", "probability"]


def test_csv_has_three_columns_after_the_probability(predictor: Predictor) -> None:
    header, row, *_ = (
        answer(predictor, ASKED + b"&probabilities=true", accept=CSV_TYPE).decode().split("\r\n")
    )

    assert (
        header == "label,probability,probability_no,probability_yes,minutes_low,minutes_median,minutes_high"
    )
    assert row.endswith(",15.0,20.0,40.0")


def test_an_invalid_row_has_empty_cells_for_them(predictor: Predictor) -> None:
    body = json.dumps({"instances": [{"size": -1}, {"size": 2}]}).encode()

    lines = answer(predictor, ASKED + b"&on_error=skip", accept=CSV_TYPE, body=body).decode().split("\r\n")

    assert lines[1].startswith(",,,,,")
    assert lines[2].endswith(",15.0,20.0,40.0,")


def test_json_lines_have_them_too(predictor: Predictor) -> None:
    [line] = answer(predictor, ASKED, accept=JSON_LINES_TYPE).decode().splitlines()

    assert json.loads(line)["minutes"]["high"] == 40


@pytest.mark.parametrize("query", [ASKED, b"&minutes=true"])
def test_a_model_without_a_second_target_refuses_the_parameter(tmp_path: Path, query: bytes) -> None:
    predictor = Predictor(write_tiny_bundle(tmp_path / "a.tar.gz"))

    with pytest.raises(Problem, match="There is no parameter 'minutes' for this model"):
        answer(predictor, query)


def test_the_value_of_the_parameter_is_checked(predictor: Predictor) -> None:
    with pytest.raises(Problem, match="The parameter minutes is 'yes': it must be true or false"):
        answer(predictor, b"minutes=yes")


def test_shared_attributes_may_ask_for_them_and_may_hold_flags_of_others(predictor: Predictor) -> None:
    query = query_of_attributes(b"sampled=true;minutes=true;trace-1")

    [found] = json.loads(answer(predictor, query))["predictions"]

    assert found["minutes"]["median"] == 20


def test_requests_of_one_batch_get_what_each_asks_for(predictor: Predictor) -> None:
    batch = Batch(predictor)
    requests = [
        InferenceRequest("", ROW, (b"application/json", b"", b"", query)) for query in (b"", ASKED, b"")
    ]

    bodies = [json.loads(response.body)["predictions"][0] for response in batch.answer(requests)]

    assert ["minutes" in found for found in bodies] == [False, True, False]


def test_a_line_of_a_batch_transform_job_has_them(predictor: Predictor) -> None:
    transformer = LineTransformer(predictor)
    parameters = transformer.parameters((b"text/csv", b"", b"", ASKED))

    body, _ = transformer.answer(b"2,,,,\n", parameters)

    assert body.decode().rstrip().endswith(",15.0,20.0,40.0")


def test_reasons_and_quantiles_stand_beside_each_other(tmp_path: Path) -> None:
    fields = write_mixing_bundle(tmp_path / "a.tar.gz").manifest.fields
    graph = tiny_quantiles_graph(fields).SerializeToString()
    second = tiny_quantiles(golden=((5.0, 10.0, 30.0),))
    predictor = Predictor(write_mixing_bundle(tmp_path / "a.tar.gz", graph=graph, quantiles=second))

    [found] = json.loads(answer(predictor, ASKED + b"&reasons=1", body=b'{"first": 2}'))["predictions"]

    assert [reason["field"] for reason in found["reasons"]] == ["first"]
    assert found["minutes"] == {"low": 15, "median": 20, "high": 40}


def broken(path: Path, **quantiles: Any) -> Predictor:
    """A predictor whose second graph cannot be loaded; or, with `quantiles`, with other golden ones."""
    graph = tiny_quantiles_graph()
    if not quantiles:
        graph.graph.node[0].op_type = "NoSuchOperator"
    bundle = write_archive(
        path / "a.tar.gz",
        manifest=tiny_manifest(quantiles=tiny_quantiles(**quantiles)),
        model=tiny_graph().SerializeToString(),
        quantiles=graph.SerializeToString(),
    )
    return Predictor(bundle)


def test_requests_that_do_not_ask_never_load_the_second_graph(tmp_path: Path) -> None:
    predictor = broken(tmp_path)

    check_golden_rows(predictor)

    assert json.loads(answer(predictor, b""))["predictions"]
    with pytest.raises(ModelError, match=r"cannot load the bundle's quantiles\.onnx"):
        answer(predictor, ASKED)


def test_golden_quantiles_are_checked_before_the_first_answer(tmp_path: Path) -> None:
    predictor = broken(tmp_path, golden=((-5.0, 0.0, 21.0),))

    with pytest.raises(
        ModelError, match=r"the quantiles \[-5\.0, 0\.0, 20\.0\] of minutes, but its bundle says"
    ):
        answer(predictor, ASKED)


def test_a_regression_has_its_value_and_the_quantiles(tmp_path: Path) -> None:
    side = Field(name="side", type="number", description="Its side.", example=1.1)
    second = tiny_quantiles(golden=((6.0, 11.0, 31.0),))
    graph = tiny_quantiles_graph((side,)).SerializeToString()
    bundle = write_square_bundle(tmp_path / "a.tar.gz", graph=graph, quantiles=second)

    [found] = json.loads(answer(Predictor(bundle), ASKED, body=b'{"side": 2}'))["predictions"]

    assert found == {"value": 4, "minutes": {"low": 15, "median": 20, "high": 40}}
