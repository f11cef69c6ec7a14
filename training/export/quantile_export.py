"""Quantiles of a bundle: the second graph, what the manifest states about it, and its comparison."""

from dataclasses import dataclass, replace

import numpy as np

from bundle import QUANTILES_OUTPUT, Bundle, Golden, Quantiles
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors
from training.data.split import Split, evenly
from training.errors import TrainingError
from training.evaluation.manifest_metrics import DIGITS
from training.export.evaluated_fit import graph_outputs
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export
from training.fitting.fit import Fitted
from training.quantiles.quantile_metrics import quantile_metrics

# Rows that are measured in a second; their days, of which the intervals are, are those of all test rows.
MOST_MEASURED_ROWS = 200_000


@dataclass(frozen=True, kw_only=True)
class QuantilePart:
    """The part of a bundle on the second target: its graph, and what the manifest states about it."""

    graph: bytes
    stated: Quantiles


def quantile_part(
    fitted: Fitted, measured: Fitted, split: Split, golden: tuple[Golden, ...]
) -> QuantilePart | None:
    """Exports the quantiles that ship, and measures those of the fit on the training rows.

    They are measured on at most 200,000 test rows, evenly spaced.

    Args:
        fitted: The fit that ships.
        measured: The fit on the training rows.
        split: Training rows and test rows.
        golden: Golden rows of the bundle.

    Returns:
        None unless both fits have quantiles.

    Raises:
        TrainingError: When the pipeline cannot be exported.
    """
    model, target = fitted.model, fitted.model.quantiles
    if target is None or fitted.quantiles is None or measured.quantiles is None:
        return None
    own = export(measured.quantiles, model.columns, output=QUANTILES_OUTPUT)
    ships = measured.quantiles is fitted.quantiles
    graph = own if ships else export(fitted.quantiles, model.columns, output=QUANTILES_OUTPUT)
    if len(split.test) > MOST_MEASURED_ROWS:
        split = replace(split, test=split.test.take(evenly(len(split.test), MOST_MEASURED_ROWS)))
    outputs = graph_outputs(GraphScorer(own, model.fields), model, split.test)
    rows = GraphScorer(graph, model.fields).score_instances([row.instance for row in golden])
    stated = Quantiles(
        name=target.name,
        description=target.description,
        unit=target.unit,
        levels=target.levels,
        metrics=quantile_metrics(model, split, outputs, target.levels),
        golden=tuple(
            (round(low, DIGITS), round(mid, DIGITS), round(high, DIGITS)) for low, mid, high in rows.tolist()
        ),
    )
    return QuantilePart(graph=graph, stated=stated)


def check_quantiles(bundle: Bundle, fitted: Fitted, test: Dataset, *, tolerance: float) -> None:
    """Compares the quantiles of a bundle, as read back, with those of the pipeline in every situation.

    Args:
        bundle: The bundle.
        fitted: The fit that ships.
        test: Rows on which they are compared.
        tolerance: Largest difference, as a share of the largest quantile.

    Raises:
        TrainingError: When one differs more.
    """
    if not bundle.quantiles:
        return
    scorer = GraphScorer(bundle.quantiles, fitted.model.fields)
    for situation in fitted.model.situations:
        rows = test.without(situation.absent)
        graph = scorer.score(graph_tensors(fitted.model.fields, rows))
        own = fitted.quantiles_of(rows)
        differences = np.abs(graph - own)
        largest = tolerance * max(1.0, float(np.abs(own).max()))
        # Written so that NaN is a difference.
        if not (differences <= largest).all():
            raise TrainingError(
                f"The quantiles of the bundle differ from the pipeline's by up to {differences.max():.2g} on "
                f"the test rows, more than {largest:.2g} ({situation.description}). No bundle was written."
            )
