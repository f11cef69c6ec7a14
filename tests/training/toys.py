"""Small models and data, for tests that need no real model."""

from pathlib import Path

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from bundle import Columns, Field
from training.data.data_options import only_sample
from training.data.dataset import Dataset
from training.data.model_inputs import column_positions
from training.data.split import Split, by_time
from training.fit_plan import Plan
from training.fitting.fit import Fitted, fit
from training.model import Gap, Model, Situation

FIELDS = (
    Field(name="kind", type="string", example="a"),
    Field(name="size", type="number", example=1.5),
    Field(name="late", type="number", required=False, example=0.5),
)


def read_toy(rows: int = 400) -> Dataset:
    """Rows whose label depends on kind and size, ten rows per day."""
    random = np.random.default_rng(0)
    kind, size = random.choice(list("abc"), rows), random.normal(size=rows).round(3)
    target = (size + (kind == "a") + random.normal(size=rows) > 0).astype(int)
    return Dataset(
        name="toy",
        columns={"kind": kind.astype(object), "size": size, "late": target + random.normal(size=rows)},
        target=target,
        dates=np.datetime64("2024-01-01") + (np.arange(rows) // 10).astype("timedelta64[D]"),
    )


def toy_pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """One-hot encoding and logistic regression, on the required columns."""
    features = [
        (
            "kind",
            OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
            column_positions(columns, ["kind"]),
        ),
        ("size", "passthrough", column_positions(columns, ["size"])),
    ]
    return Pipeline(
        [("features", ColumnTransformer(features)), ("model", LogisticRegression(random_state=plan.seed))]
    )


TOY = Model(
    task="binary",
    fields=FIELDS,
    labels=("no", "yes"),
    read=only_sample(read_toy),
    split=by_time,
    pipeline=toy_pipeline,
    situations=(
        Situation(name="early", description="early on", absent=("late",)),
        Situation(name="late", description="later"),
    ),
    gaps=(Gap(fields=("late",), share=0.5),),
    missed_cost=4,
)


def fitted_toy(*, seed: int = 0) -> tuple[Dataset, Split, Fitted]:
    """The toy's data, their split, and its fitted pipeline."""
    data = read_toy()
    split = by_time(data, seed)
    return data, split, fit(TOY, split.train, Plan(seed=seed))


def add_model(folder: Path, name: str) -> None:
    """Writes the file of a new model, a linear regression through points."""
    (folder / f"{name}.py").write_text(LINE, encoding="utf-8")


LINE = '''"""A line through points."""

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from bundle import Field
from training.data.dataset import Dataset
from training.model import Model
from training.data.data_options import only_sample
from training.data.split import by_time


def read_sample():
    x = np.arange(100, dtype=np.float64)
    dates = np.datetime64("2024-01-01") + x.astype("timedelta64[D]")
    return Dataset(name="points", columns={"x": x}, target=2 * x + 1, dates=dates)


MODEL = Model(
    task="regression",
    fields=(Field(name="x", type="number", example=3.5),),
    read=only_sample(read_sample),
    split=by_time,
    pipeline=lambda columns, plan: Pipeline([("line", LinearRegression())]),
)
'''
