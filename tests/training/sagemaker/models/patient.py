"""A line through points, drawn again and again until it is told to stop."""

import time
from typing import Any, Self

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.data.dataset import Dataset
from training.data.request import only_sample
from training.data.split import by_time
from training.model import Model
from training.plan import Plan

MOST_ROUNDS = 6000


class PatientPipeline(Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """Counts its rounds in its checkpoint."""

    plan: Plan

    def fit(self, x: Any, y: Any) -> Self:
        begun = self._rounds()
        for done in range(begun, MOST_ROUNDS):
            print(f"round {done + 1}, begun at {begun}", flush=True)
            if self.plan.checkpoint:
                draft = self.plan.checkpoint / "draft"
                draft.write_text(str(done + 1))
                draft.replace(self.plan.checkpoint / "rounds")
            if self.plan.stopping():
                break
            time.sleep(0.01)
        super().fit(x, y)
        return self

    def _rounds(self) -> int:
        file = self.plan.checkpoint and self.plan.checkpoint / "rounds"
        return int(file.read_text()) if file and file.exists() else 0


def read_sample() -> Dataset:
    x = np.arange(100, dtype=np.float64)
    dates = np.datetime64("2024-01-01") + x.astype("timedelta64[D]")
    return Dataset(name="points", columns={"x": x}, target=2 * x + 1, dates=dates)


def pipeline(columns: Columns, plan: Plan) -> PatientPipeline:
    del columns
    patient = PatientPipeline([("line", LinearRegression())])
    patient.plan = plan
    return patient


MODEL = Model(
    task="regression",
    fields=(Field(name="x", type="number", example=3.5),),
    read=only_sample(read_sample),
    split=by_time,
    pipeline=pipeline,
)
