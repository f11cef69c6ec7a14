from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors, pipeline_frame
from training.export.onnx_export import export
from training.fit_plan import Plan
from training.fitting.fit import Fitted, fit
from training.model_catalog import load_model


@pytest.fixture(scope="module")
def fitted_delay(some_flights: Dataset) -> Fitted:
    return fit(load_model("flight_delay"), some_flights, Plan())


@pytest.fixture(scope="module")
def delay_graph(fitted_delay: Fitted) -> bytes:
    return export(fitted_delay.pipeline, fitted_delay.model.columns)


def run_graph(graph: bytes, tensors: dict[str, Any]) -> Any:
    (output,) = onnxruntime.InferenceSession(graph).run(None, tensors)
    return output


def assert_parity(fitted: Fitted, graph: bytes, rows: Dataset) -> None:
    tensors = graph_tensors(fitted.model.fields, rows)
    expected = fitted.pipeline.predict_proba(pipeline_frame(fitted.model.fields, rows))
    np.testing.assert_allclose(run_graph(graph, tensors), expected, atol=1e-6)


def test_a_graph_has_the_inputs_output_and_domains_of_the_bundle_contract(delay_graph: bytes) -> None:
    graph = onnx.load_from_string(delay_graph)

    onnx.checker.check_model(graph, full_check=True)
    assert [value.name for value in graph.graph.input] == ["numbers", "strings"]
    assert [value.name for value in graph.graph.output] == ["probabilities"]
    assert {node.domain for node in graph.graph.node} <= {"", "ai.onnx.ml"}
    assert "ZipMap" not in {node.op_type for node in graph.graph.node}


def test_a_graph_has_no_node_that_its_output_does_not_need(delay_graph: bytes) -> None:
    graph = onnx.load_from_string(delay_graph).graph

    used = {name for node in graph.node for name in node.input} | {"probabilities"}
    assert [node.name for node in graph.node if not used & set(node.output)] == []


def test_the_same_pipeline_gives_the_same_bytes(fitted_delay: Fitted, delay_graph: bytes) -> None:
    assert export(fitted_delay.pipeline, fitted_delay.model.columns) == delay_graph


def test_a_graph_predicts_as_its_pipeline(
    fitted_delay: Fitted, delay_graph: bytes, some_flights: Dataset
) -> None:
    assert_parity(fitted_delay, delay_graph, some_flights)


def test_a_graph_predicts_as_its_pipeline_without_any_optional_field(
    fitted_delay: Fitted, delay_graph: bytes, some_flights: Dataset
) -> None:
    optional = [field.name for field in fitted_delay.model.fields if not field.required]

    assert_parity(fitted_delay, delay_graph, some_flights.without(optional))


def test_a_graph_predicts_as_its_pipeline_for_unknown_codes(
    fitted_delay: Fitted, delay_graph: bytes, some_flights: Dataset
) -> None:
    unknown = np.full(len(some_flights), "ZZZ", dtype=object)
    columns = {**some_flights.columns, "carrier": unknown, "origin": unknown, "destination": unknown}

    rows = Dataset(name="unknown codes", columns=columns, target=some_flights.target)

    assert_parity(fitted_delay, delay_graph, rows)


def test_the_trees_are_fitted_to_float32_as_the_graph_computes(
    fitted_delay: Fitted, some_flights: Dataset
) -> None:

    features = fitted_delay.pipeline[:-1].transform(pipeline_frame(fitted_delay.model.fields, some_flights))

    assert features.dtype == np.float32


def test_a_prediction_does_not_depend_on_the_other_rows(delay_graph: bytes, some_flights: Dataset) -> None:
    tensors = graph_tensors(load_model("flight_delay").fields, some_flights)
    one = {name: tensor[7:8] for name, tensor in tensors.items()}

    np.testing.assert_allclose(run_graph(delay_graph, one), run_graph(delay_graph, tensors)[7:8], atol=1e-6)


def test_a_graph_of_three_labels_predicts_as_its_calibrated_classifier() -> None:
    iris = load_model("iris")
    data = iris.read(DataOptions())
    fitted = fit(iris, data, Plan())

    assert_parity(fitted, export(fitted.pipeline, iris.columns), data)


def test_a_graph_of_a_regressor_has_the_output_value() -> None:
    rows = pd.DataFrame({"x": np.arange(10, dtype=np.float32)})
    model = Pipeline([("line", LinearRegression())]).fit(rows, 2 * rows["x"] + 1)

    graph = export(model, Columns([Field(name="x", type="number", example=1)]))

    assert [value.name for value in onnx.load_from_string(graph).graph.output] == ["value"]
    np.testing.assert_allclose(
        run_graph(graph, {"numbers": np.array([[3.5]], dtype=np.float32)}), np.array([[8.0]]), atol=1e-5
    )
