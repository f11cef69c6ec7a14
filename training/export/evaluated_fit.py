"""The fit whose figures a bundle states: fitted on the training rows, measured on the test rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from bundle import Metrics
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors
from training.data.split import Split
from training.evaluation.manifest_metrics import manifest_metrics
from training.export.export_errors import loading_error
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export
from training.fitting.fit import Fitted
from training.model import Model


@dataclass(frozen=True, kw_only=True)
class MeasuredFit:
    """A pipeline fitted on the training rows, as a graph, and its figures on the test rows.

    Attributes:
        fitted: The fitted pipeline.
        graph: Its ONNX file.
        scorer: Runs the graph.
        outputs: Its outputs for all test rows, by situation: (n, labels) probabilities or (n, 1) values.
        metrics: Its metrics on all test rows, with a sentence that says which fit they are of.
    """

    fitted: Fitted
    graph: bytes
    scorer: GraphScorer
    outputs: Mapping[str, NDArray[Any]]
    metrics: Metrics


def measured_fit(fitted: Fitted, split: Split, *, refitted_on: int = 0) -> MeasuredFit:
    """Exports a pipeline that was fitted on the training rows, and measures it on the test rows.

    Args:
        fitted: The fitted pipeline.
        split: Training rows and test rows.
        refitted_on: Number of rows of the fit that ships instead; 0 when this one ships.

    Raises:
        TrainingError: When the pipeline cannot be exported, or a label does not occur in the test rows.
    """
    graph = export(fitted.pipeline, fitted.model.columns)
    scorer = graph_scorer(graph, fitted)
    outputs = graph_outputs(scorer, fitted.model, split.test)
    metrics = manifest_metrics(fitted.model, split, outputs, refitted_on=refitted_on)
    return MeasuredFit(fitted=fitted, graph=graph, scorer=scorer, outputs=outputs, metrics=metrics)


def graph_scorer(graph: bytes, fitted: Fitted) -> GraphScorer:
    """Loads the graph of a fitted pipeline.

    Raises:
        TrainingError: When it cannot be loaded.
    """
    try:
        return GraphScorer(graph, fitted.model.fields)
    except Exception as error:
        raise loading_error(error, fitted.pipeline) from error


def graph_outputs(scorer: GraphScorer, model: Model, rows: Dataset) -> dict[str, NDArray[Any]]:
    """Runs a graph on the rows in each situation."""
    return {
        situation.name: scorer.score(graph_tensors(model.fields, rows.without(situation.absent)))
        for situation in model.situations
    }
