"""Reasons of a served model against the contributions that LightGBM computes itself."""

import json
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from bundle import (
    Columns,
    DataSource,
    Distribution,
    Field,
    Golden,
    Manifest,
    Metrics,
    Reference,
    write_archive,
)
from serving.predict.predictor import Predictor
from training.export.onnx_export import export

NAMES = ("a", "b", "c")
FIELDS = tuple(Field(name=name, type="number", example=1) for name in NAMES)
TYPICAL = {"a": 0.25, "b": -0.5, "c": 0.0}


def boosted_stumps() -> tuple[Pipeline, pd.DataFrame]:
    """A sum of functions of one field each: both kinds of Shapley values are exact for it."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(2_000, 3)).astype(np.float32), columns=NAMES)
    target = np.sin(table["a"]) + table["b"] ** 2 + random.normal(0, 0.1, len(table))
    stumps = lightgbm.LGBMRegressor(n_estimators=60, num_leaves=2, verbosity=-1)
    return Pipeline([("trees", stumps)]).fit(table, target), table


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
def test_the_reasons_of_a_sum_of_stumps_are_those_of_lightgbm(tmp_path: Path) -> None:
    pipeline, table = boosted_stumps()
    seen = Distribution(edges=(-9.0, 9.0), shares=(1.0,))
    manifest = Manifest(
        name="stumps",
        task="regression",
        fields=FIELDS,
        metrics=Metrics(split="none", values={}),
        data=DataSource(name="made in a test", rows=1),
        libraries={},
        golden=(Golden(instance=TYPICAL, prediction={"value": 0.0}),),
        reference=Reference(rows=1, fields=dict.fromkeys(NAMES, seen), predictions={}, typical=dict(TYPICAL)),
    )
    model = export(pipeline, Columns(FIELDS))
    predictor = Predictor(write_archive(tmp_path / "model.tar.gz", manifest=manifest, model=model))
    asked = predictor.parameters.read({b"content-type": b"application/json"}, b"reasons=3")

    rows = table.head(20)
    body = json.dumps({"instances": json.loads(rows.to_json(orient="records", double_precision=15))}).encode()
    served = json.loads(predictor.answer(body, asked))["predictions"]

    # LightGBM's baseline is the mean of the training rows: the difference to the typical row has none.
    booster = pipeline.named_steps["trees"].booster_
    typical = booster.predict(pd.DataFrame([TYPICAL]), pred_contrib=True)
    own = booster.predict(rows, pred_contrib=True) - typical
    found = [{one["field"]: one["contribution"] for one in row["reasons"]} for row in served]
    np.testing.assert_allclose([[row[name] for name in NAMES] for row in found], own[:, :3], atol=1e-5)
    assert np.abs(own[:, :3]).max() > 0.5
