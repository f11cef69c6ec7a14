"""Generated rows with dates, and the features and trees fitted on them."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Columns, Field
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.features.features import Features
from training.features.target_encoding import HOUR, Deviation
from training.fit_plan import Plan
from training.fitting.boosting import Boosting
from training.fitting.calibrated_pipeline import CalibratedPipeline

FIELDS = (
    Field(name="day", type="date", example="2024-01-31"),
    Field(name="time", type="time", example="17:45"),
    Field(name="size", type="number", required=False, example=1.5),
    Field(name="later", type="number", required=False, example=1.5),
    Field(name="from", type="string", example="AAA"),
    Field(name="to", type="string", example="BBB"),
)
PASSED = ("time_minutes", "size", "later")
PARAMETERS = {
    "n_estimators": 30,
    "num_leaves": 7,
    "learning_rate": 0.1,
    "min_child_samples": 1_000,
    "max_bin": 63,
    "feature_fraction": 0.5,
    "lambda_l2": 0.0,
}
PLACES = np.array(["AAA", "BBB", "CCC", "DDD"], dtype=object)


class StopAfter:
    """A `stopping` function of a plan that returns true after a number of polls."""

    def __init__(self, polls: int) -> None:
        self.polls = polls

    def __call__(self) -> bool:
        self.polls -= 1
        return self.polls < 0


def generated_rows(rows: int = 6_000, span: int = 300, seed: int = 0) -> Dataset:
    """Generates rows whose label depends on place, hour, size and, most strongly, on `later`."""
    random = np.random.default_rng(seed)
    places, minutes = random.integers(0, 4, (2, rows)), random.integers(0, 1440, rows)
    size, later = random.normal(size=(2, rows))
    score = 0.8 * (places[0] == 1) + 0.6 * (minutes > 1_000) + 0.4 * size + 1.5 * later - 1
    return Dataset(
        name="made",
        columns={
            "day": np.datetime64("2022-01-01") + np.arange(rows) * span // rows,
            "time": np.array([f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes], dtype=object),
            "size": size,
            "later": later,
            "from": PLACES[places[0]],
            "to": PLACES[places[1]],
        },
        target=(score + random.logistic(size=rows) > 0).astype(np.intp),
        dates=np.datetime64("2022-01-01") + np.arange(rows) * span // rows,
    )


def days(data: Dataset) -> NDArray[np.datetime64]:
    """Returns the date of each row."""
    assert data.dates is not None
    return data.dates


def data_frame(data: Dataset) -> pd.DataFrame:
    """Returns the data frame of the rows."""
    return pipeline_frame(FIELDS, data)


def features(smoothing: float = 20.0) -> Features:
    """Returns features of every kind."""
    columns = Columns(FIELDS)
    return Features(
        numbers=columns.numbers,
        strings=columns.strings,
        passed=PASSED,
        date="day",
        time="time_minutes",
        rates=(("from",), ("from", "to"), ("to", HOUR)),
        deviations=(
            Deviation(
                key=("from", "to", HOUR),
                expected={("from", "to"): 1.0, ("to", HOUR): 0.5},
                smoothing=smoothing,
            ),
        ),
        counts=(("from", HOUR),),
        smoothing=smoothing,
    )


def boosting(plan: Plan, **parameters: Any) -> Boosting:
    """Returns boosted trees for rows with and without the column `later`."""
    return Boosting(later=((PASSED.index("later"),),), plan=plan, **{**PARAMETERS, **parameters})


def pipeline(plan: Plan, **parameters: Any) -> CalibratedPipeline:
    """Returns the pipeline of features and boosted trees."""
    return CalibratedPipeline([("features", features()), ("boosting", boosting(plan, **parameters))])
