"""A linear regression whose fit repeats rounds until the plan stops it."""

import itertools
import time
from typing import Any, Self

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.data.data_options import only_sample
from training.data.dataset import Dataset
from training.data.split import by_time
from training.fit_plan import Plan
from training.model import Model

# Leaves the processor to other processes while the fit waits for SIGTERM.
ROUND_SECONDS = 0.01


def after_round(done: int) -> None:
    """Replaced by tests that stop the fit within the process."""


class EndlessPipeline(Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """Writes the number of its rounds to its checkpoint."""

    plan: Plan

    def fit(self, x: Any, y: Any) -> Self:
        first = self._rounds()
        for done in itertools.count(first + 1):
            print(f"round {done}, begun at {first}", flush=True)
            if self.plan.checkpoint:
                draft = self.plan.checkpoint / "draft"
                draft.write_text(str(done))
                draft.replace(self.plan.checkpoint / "rounds")
            if self.plan.stopping():
                break
            after_round(done)
            time.sleep(ROUND_SECONDS)
        super().fit(x, y)
        return self

    def _rounds(self) -> int:
        file = self.plan.checkpoint and self.plan.checkpoint / "rounds"
        return int(file.read_text()) if file and file.exists() else 0


def read_sample() -> Dataset:
    x = np.arange(100, dtype=np.float64)
    dates = np.datetime64("2024-01-01") + x.astype("timedelta64[D]")
    return Dataset(name="points", columns={"x": x}, target=2 * x + 1, dates=dates)


def pipeline(columns: Columns, plan: Plan) -> EndlessPipeline:
    del columns
    endless = EndlessPipeline([("line", LinearRegression())])
    endless.plan = plan
    return endless


MODEL = Model(
    task="regression",
    fields=(Field(name="x", type="number", example=3.5),),
    read=only_sample(read_sample),
    split=by_time,
    pipeline=pipeline,
)
