"""Predictor: response bodies of request bodies, for every task."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from bundle import Bundle
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.media_type import CSV_TYPE, BodyFormat
from serving.predict.onnx_model import ModelError
from serving.predict.options import Options
from serving.predict.prediction import LabelPrediction, Prediction
from serving.predict.predictor import Predictor
from serving.predict.request import RequestParameters
from serving.rows.request_rows import FieldError, InvalidRow, RequestRows
from tests.serving.bundles import COLOURS
from tests.tiny_bundle import EXAMPLE, tiny_graph, tiny_manifest, write_tiny_bundle


def predictions(predictor: Predictor, *instances: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    call = RequestParameters(options=Options(**options))
    answer = json.loads(predictor.answer(json.dumps({"instances": instances}).encode(), call))
    found: list[dict[str, Any]] = answer["predictions"]
    return found


def bundle_of(graph: onnx.ModelProto) -> Bundle:
    model = graph.SerializeToString()
    return Bundle(manifest=tiny_manifest().sealed(model), model=model, digest="")


def test_a_binary_prediction_has_the_probability_of_the_positive_label(binary: Predictor) -> None:
    answer = json.loads(binary.answer(json.dumps(EXAMPLE | {"size": 2}).encode()))

    assert answer["predictions"] == [{"label": "yes", "probability": pytest.approx(0.880797, abs=1e-6)}]
    assert answer["model"]["name"] == "tiny"
    assert len(answer["model"]["version"]) == 12


def test_a_json_response_has_predictions_and_errors_before_the_model(binary: Predictor) -> None:
    errors = [FieldError("size", "must be a number"), FieldError(rule="has 6 cells: 5 are the most")]
    rows = RequestRows({}, 1, {1: InvalidRow(errors, 3)})

    body = binary.write([LabelPrediction("yes", 0.5)], rows, RequestParameters())

    assert body == (
        b'{"predictions":[{"label":"yes","probability":0.5},'
        b'{"errors":[{"field":"size","rule":"must be a number"},{"rule":"has 6 cells: 5 are the most"}],'
        b'"more":3}],"model":{"name":"tiny","version":"%b"}}' % binary.version.encode()
    )


def test_a_probability_equal_to_the_threshold_is_positive(tmp_path: Path) -> None:
    high = Predictor(write_tiny_bundle(tmp_path / "a.tar.gz", threshold=0.9))
    equal = Predictor(write_tiny_bundle(tmp_path / "b.tar.gz", threshold=0.5))

    assert predictions(high, {"size": 2}) == [
        {"label": "no", "probability": pytest.approx(0.880797, abs=1e-6)}
    ]
    assert predictions(equal, {"size": 0}) == [{"label": "yes", "probability": 0.5}]


def test_the_threshold_of_a_request_replaces_that_of_the_bundle(binary: Predictor) -> None:
    (found,) = predictions(binary, {"size": 0.7})
    probability = found["probability"]

    equal = predictions(binary, {"size": 0.7}, threshold=probability)
    above = predictions(binary, {"size": 0.7}, threshold=probability + 1e-7)
    below = predictions(binary, {"size": 0.7})

    assert [row["label"] for (row,) in (equal, above, below)] == ["yes", "no", "yes"]
    assert [row["label"] for row in predictions(binary, {"size": 0}, {"size": 9}, threshold=0.0)] == [
        "yes"
    ] * 2


def test_requested_probabilities_are_of_every_label(binary: Predictor, multiclass: Predictor) -> None:
    (two,) = predictions(binary, {"size": 2}, probabilities=True)
    (three,) = predictions(multiclass, {"word": "green"}, probabilities=True)

    assert two["probabilities"] == {
        "no": pytest.approx(0.119203, abs=1e-6),
        "yes": two["probability"],
    }
    assert three == {
        "label": "green",
        "probability": 0.5,
        "probabilities": {"red": 0.3, "green": 0.5, "blue": 0.2},
    }


def test_skipped_rows_keep_their_positions_among_the_predictions(binary: Predictor) -> None:
    found = predictions(binary, {}, {"size": 0}, {"size": 101}, {"size": 0}, {"size": -1}, skip=True)

    assert ["errors" in row for row in found] == [True, False, True, False, True]
    assert found[1] == found[3] == {"label": "yes", "probability": 0.5}
    assert found[2] == {"errors": [{"field": "size", "rule": "must be a number from 0 to 100 cm"}]}


def test_a_request_with_only_invalid_rows_can_be_skipped(binary: Predictor) -> None:
    assert predictions(binary, {}, skip=True) == [
        {"errors": [{"field": "size", "rule": "is required and must be a number from 0 to 100 cm"}]}
    ]


def test_the_valid_rows_are_predicted_in_one_run(binary: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    predict = binary._model.predict

    def watched(tensors: Mapping[str, Any], size: int, options: Options) -> list[Prediction]:
        sizes.append(size)
        return predict(tensors, size, options)

    monkeypatch.setattr(binary._model, "predict", watched)

    predictions(binary, {"size": 1}, {}, {"size": 2}, {}, {"size": 3}, skip=True)

    assert sizes == [3]


@pytest.mark.parametrize("shape", ["instances", "values", "data", "csv", "bare csv"])
def test_every_shape_of_the_same_rows_gets_the_same_predictions(binary: Predictor, shape: str) -> None:
    names, rows = [*EXAMPLE], [EXAMPLE | {"size": size} for size in (3, 1, 2)]
    lines = [",".join(str(row[name]) for name in names) for row in rows]
    ordered = "\r\n".join(f"{row['size']},,{row['day']},{row['at']},{row['kind']}" for row in rows)
    table = "\r\n".join([",".join(names), *lines])
    in_json = {
        "instances": {"instances": rows},
        "values": {"values": [[row["size"], None, row["day"], row["at"], row["kind"]] for row in rows]},
        "data": {"data": table},
    }
    in_csv = {"csv": (table, None), "bare csv": (ordered, False)}

    if shape in in_json:
        answer = binary.answer(json.dumps(in_json[shape]).encode())
    else:
        text, header = in_csv[shape]
        answer = binary.answer(text.encode(), RequestParameters(BodyFormat(CSV_TYPE, header=header)))

    assert json.loads(answer)["predictions"] == predictions(binary, *rows)


def test_a_multiclass_prediction_has_the_probability_of_its_label(multiclass: Predictor) -> None:
    found = predictions(multiclass, *({"word": word} for word in (*COLOURS, "none of them")))

    assert found == [{"label": label, "probability": 0.5} for label in (*COLOURS, "red")]


def test_a_regression_value_has_seven_significant_digits(regression: Predictor) -> None:
    assert predictions(regression, {"side": 3}, {"side": 1.1}) == [{"value": 9}, {"value": 1.21}]


def test_rows_are_predicted_independently_of_their_batch(binary: Predictor) -> None:
    rows = [EXAMPLE | {"size": size} for size in (100, 0, 3.5)]

    together = predictions(binary, *rows)

    assert together == [predictions(binary, row)[0] for row in rows]
    assert len({row["probability"] for row in together}) == 3


def test_an_infinite_output_is_a_model_error(regression: Predictor) -> None:
    with pytest.raises(ModelError, match="not a finite number"):
        regression.answer(b'{"side":1e30}')


def test_a_graph_that_onnx_runtime_refuses_is_a_model_error() -> None:
    graph = tiny_graph()
    graph.graph.node.append(helper.make_node("NoSuchOperator", ["numbers"], ["nothing"]))

    with pytest.raises(ModelError, match="cannot load"):
        Predictor(bundle_of(graph))


def test_an_output_of_the_wrong_shape_is_a_model_error() -> None:
    graph = tiny_graph()
    graph.graph.node[-1].output[0] = "pair"
    graph.graph.node.append(helper.make_node("Concat", ["pair", "pair"], ["probabilities"], axis=1))
    graph.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 4])
    )

    with pytest.raises(ModelError, match=r"shape \(1, 4\)"):
        check_golden_rows(Predictor(bundle_of(graph)))
