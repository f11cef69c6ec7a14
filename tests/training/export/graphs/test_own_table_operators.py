"""Graphs of the models of own tables predict as their pipelines do, bit by bit where trees decide."""

import numpy as np
import onnxruntime
import pandas as pd
import pytest

from bundle import NUMBERS, STRINGS, Columns, Field
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors, pipeline_frame
from training.export.onnx_export import export
from training.tables.choices.recipe import Recipe

ROWS = 600
FIELDS = (
    Field(name="size", type="number", required=False, example=1),
    Field(name="day", type="date", example="2024-01-31"),
    Field(name="kind", type="string", values=("a", "b"), required=False, example="a"),
    Field(name="city", type="string", example="c1"),
    Field(name="note", type="text", required=False, example="a word"),
)
TREES = {"rounds": 20, "leaves": 7, "rate": 0.2, "fewest": 5, "slope": 0.8, "intercept": 0.1}


def rows() -> Dataset:
    random = np.random.default_rng(0)
    size = random.normal(size=ROWS)
    size[::7] = np.nan
    kind = np.where(random.random(ROWS) < 0.5, "a", "b").astype(object)
    kind[::11] = None
    note = np.array([f"word{n % 5} other{n % 3}" for n in range(ROWS)], dtype=object)
    note[::13] = None
    return Dataset(
        name="rows",
        columns={
            "size": size,
            "day": np.datetime64("2024-01-01") + random.integers(0, 300, ROWS),
            "kind": kind,
            "city": np.array([f"c{n}" for n in random.integers(0, 40, ROWS)], dtype=object),
            "note": note,
        },
        target=np.nan_to_num(size) + (kind == "a") + random.normal(size=ROWS) * 0.1,
    )


@pytest.mark.parametrize("kind", ["linear", "trees"])
@pytest.mark.parametrize("classes", [0, 2, 4])
@pytest.mark.parametrize(
    "names", [("size", "day"), ("kind", "city"), ("note",), tuple(f.name for f in FIELDS)]
)
def test_the_graph_predicts_as_the_pipeline(kind: str, classes: int, names: tuple[str, ...]) -> None:
    # Given a pipeline that is fitted on some fields
    data, fields = rows(), tuple(field for field in FIELDS if field.name in names)
    parameters = TREES if kind == "trees" else {"strength": 1.0}
    recipe = Recipe(kind=kind, parameters=parameters)  # type: ignore[arg-type]
    bins = np.quantile(data.target, np.linspace(0, 1, (classes or 2) + 1)[1:-1])
    target = np.digitize(data.target, bins) if classes else data.target
    frame = pipeline_frame(fields, data)
    pipeline = recipe.pipeline(fields, classes=classes, seed=0).fit(frame, target)

    # When its graph predicts rows, some of them with a value that the fit has not seen
    other = data.columns["city"].copy()
    other[::5] = "elsewhere"
    unseen = Dataset(name="rows", columns={**data.columns, "city": other}, target=data.target)
    tensors = graph_tensors(fields, unseen)
    session = onnxruntime.InferenceSession(export(pipeline, Columns(fields)))
    [output] = session.run(None, {name: tensors[name] for name in (NUMBERS, STRINGS) if name in tensors})

    # Then it predicts them as the pipeline
    predict = pipeline.predict_proba if classes else pipeline.predict
    own = predict(pipeline_frame(fields, unseen)).reshape(ROWS, -1)
    np.testing.assert_allclose(output, own, atol=2e-6)
    assert pd.DataFrame(own).nunique().max() > 3
