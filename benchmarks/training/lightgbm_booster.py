"""Training as users of LightGBM write it: pandas, its categories passed on, a booster in a file.

python -m benchmarks.training.lightgbm_booster FLIGHTS.csv FOLDER
"""

import importlib
import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score

from benchmarks.training.contenders import MODEL, SCHEDULE, WITH_DELAY
from training.fitting.boosting import SPARED_TREES

CODES = ["OP_CARRIER", "ORIGIN", "DEST"]
TIMES = ["CRS_DEP_TIME", "CRS_ARR_TIME"]
READ = ["FL_DATE", *CODES, *TIMES, "DEP_DELAY", "ARR_DELAY", "CANCELLED", "DIVERTED", "DISTANCE"]
FEATURES = [*CODES, *TIMES, "DISTANCE", "DEP_DELAY", "MONTH", "DAY", "WEEKDAY"]
TEST_SHARE, LATE = 0.2, 15
PARAMETERS = importlib.import_module(f"training.models.{MODEL}").PARAMETERS
# The file has one of the two groups of fields that become known later.
TREES = round(PARAMETERS["n_estimators"] * (1 - SPARED_TREES / 2))


def read(path: Path) -> pd.DataFrame:
    """Reads the flights that arrived, with features and the target LATE, in the order of their dates."""
    flights = pd.read_csv(path, usecols=READ, parse_dates=["FL_DATE"], dtype=dict.fromkeys(CODES, "category"))
    flights = flights[(flights["CANCELLED"] == 0) & (flights["DIVERTED"] == 0) & flights["ARR_DELAY"].notna()]
    dates = flights["FL_DATE"].dt
    flights = flights.assign(
        MONTH=dates.month, DAY=dates.day, WEEKDAY=dates.day_of_week, LATE=flights["ARR_DELAY"] >= LATE
    )
    return flights.sort_values("FL_DATE", kind="stable")


def fit(train: pd.DataFrame) -> lightgbm.Booster:
    """Fits as many trees with as many leaves as this project; half the rows lack the departure delay."""
    unknown = np.random.default_rng(0).random(len(train)) < 1 / 2
    features = train[FEATURES].assign(DEP_DELAY=train["DEP_DELAY"].mask(unknown))
    parameters = {
        "objective": "binary",
        "num_leaves": PARAMETERS["num_leaves"],
        "learning_rate": PARAMETERS["learning_rate"],
        "seed": 0,
        "verbosity": -1,
    }
    return lightgbm.train(parameters, lightgbm.Dataset(features, train["LATE"]), TREES)


def main(path: Path, folder: Path) -> None:
    """Trains a model, saves it, measures it and prints the quality as JSON."""
    flights = read(path)
    first = flights["FL_DATE"].iloc[int(len(flights) * (1 - TEST_SHARE))]
    train, test = flights[flights["FL_DATE"] < first], flights[flights["FL_DATE"] >= first]
    booster = fit(train)
    folder.mkdir(parents=True, exist_ok=True)
    booster.save_model(folder / "model.txt")
    quality = {}
    for situation, known in ((SCHEDULE, test.assign(DEP_DELAY=np.nan)), (WITH_DELAY, test)):
        probability = booster.predict(known[FEATURES])
        quality[situation] = {
            "roc_auc": roc_auc_score(test["LATE"], probability),
            "brier_score": brier_score_loss(test["LATE"], probability),
        }
    print(json.dumps(quality))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
