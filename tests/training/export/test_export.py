from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.catalog import load_model
from training.data.dataset import Dataset
from training.data.inputs import graph_tensors, pipeline_frame
from training.data.request import DataRequest
from training.export.export import export
from training.fitting.fit import Fitted, fit
from training.plan import Plan


@pytest.fixture(scope="module")
def delay(some_flights: Dataset) -> Fitted:
    return fit(load_model("flight_delay"), some_flights, Plan())


@pytest.fixture(scope="module")
def delay_graph(delay: Fitted) -> bytes:
    return export(delay.pipeline, delay.model.columns)


def answers(graph: bytes, tensors: dict[str, Any]) -> Any:
    (output,) = onnxruntime.InferenceSession(graph).run(None, tensors)
    return output


def assert_parity(fitted: Fitted, graph: bytes, rows: Dataset) -> None:
    tensors = graph_tensors(fitted.model.fields, rows)
    expected = fitted.pipeline.predict_proba(pipeline_frame(fitted.model.fields, rows))
    np.testing.assert_allclose(answers(graph, tensors), expected, atol=1e-6)


def test_a_graph_keeps_the_contract(delay_graph: bytes) -> None:
    graph = onnx.load_from_string(delay_graph)

    onnx.checker.check_model(graph, full_check=True)
    assert [value.name for value in graph.graph.input] == ["numbers", "strings"]
    assert [value.name for value in graph.graph.output] == ["probabilities"]
    assert {node.domain for node in graph.graph.node} <= {"", "ai.onnx.ml"}
    assert "ZipMap" not in {node.op_type for node in graph.graph.node}


def test_a_graph_holds_nothing_that_its_output_does_not_need(delay_graph: bytes) -> None:
    graph = onnx.load_from_string(delay_graph).graph

    used = {name for node in graph.node for name in node.input} | {"probabilities"}
    assert [node.name for node in graph.node if not used & set(node.output)] == []


def test_the_same_pipeline_gives_the_same_bytes(delay: Fitted, delay_graph: bytes) -> None:
    assert export(delay.pipeline, delay.model.columns) == delay_graph


def test_a_graph_answers_as_its_pipeline(delay: Fitted, delay_graph: bytes, some_flights: Dataset) -> None:
    assert_parity(delay, delay_graph, some_flights)


def test_a_graph_answers_as_its_pipeline_when_all_that_may_be_absent_is(
    delay: Fitted, delay_graph: bytes, some_flights: Dataset
) -> None:
    optional = [field.name for field in delay.model.fields if not field.required]

    assert_parity(delay, delay_graph, some_flights.without(optional))


def test_a_graph_answers_as_its_pipeline_for_codes_it_never_met(
    delay: Fitted, delay_graph: bytes, some_flights: Dataset
) -> None:
    unknown = np.full(len(some_flights), "ZZZ", dtype=object)
    columns = {**some_flights.columns, "carrier": unknown, "origin": unknown, "destination": unknown}

    strange = Dataset(name="strange", columns=columns, target=some_flights.target)

    assert_parity(delay, delay_graph, strange)


def test_the_trees_are_grown_on_the_numbers_the_graph_computes_in(
    delay: Fitted, some_flights: Dataset
) -> None:

    features = delay.pipeline[:-1].transform(pipeline_frame(delay.model.fields, some_flights))

    assert features.dtype == np.float32


def test_one_row_is_answered_as_it_is_among_others(delay_graph: bytes, some_flights: Dataset) -> None:
    tensors = graph_tensors(load_model("flight_delay").fields, some_flights)
    one = {name: tensor[7:8] for name, tensor in tensors.items()}

    np.testing.assert_allclose(answers(delay_graph, one), answers(delay_graph, tensors)[7:8], atol=1e-6)


def test_three_classes_are_answered_as_by_the_calibrated_classifier() -> None:
    iris = load_model("iris")
    data = iris.read(DataRequest())
    fitted = fit(iris, data, Plan())

    assert_parity(fitted, export(fitted.pipeline, iris.columns), data)


def test_a_regressor_answers_values() -> None:
    rows = pd.DataFrame({"x": np.arange(10, dtype=np.float32)})
    model = Pipeline([("line", LinearRegression())]).fit(rows, 2 * rows["x"] + 1)

    graph = export(model, Columns([Field(name="x", type="number", example=1)]))

    assert [value.name for value in onnx.load_from_string(graph).graph.output] == ["value"]
    np.testing.assert_allclose(
        answers(graph, {"numbers": np.array([[3.5]], dtype=np.float32)}), np.array([[8.0]]), atol=1e-5
    )
