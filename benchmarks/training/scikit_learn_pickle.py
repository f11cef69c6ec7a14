"""Training as in a careful notebook: cleaning with pandas, scikit-learn's encoder and trees, a pickle.

python -m benchmarks.training.scikit_learn_pickle FLIGHTS.csv FOLDER
"""

import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import TargetEncoder

from benchmarks.training.contenders import SCHEDULE, WITH_DELAY

CODES = ["OP_CARRIER", "ORIGIN", "DEST", "ROUTE"]
TIMES = ["CRS_DEP_TIME", "CRS_ARR_TIME"]
READ = ["FL_DATE", *CODES[:3], *TIMES, "DEP_DELAY", "ARR_DELAY", "CANCELLED", "DIVERTED", "DISTANCE"]
NUMBERS = ["DEPARTURE", "ARRIVAL", "DISTANCE", "DEP_DELAY", "WEEKDAY"]
TEST_SHARE, LATE = 0.2, 15


def read(path: Path) -> pd.DataFrame:
    """Reads the flights that arrived, with features and the target LATE."""
    flights = pd.read_csv(path, usecols=READ, parse_dates=["FL_DATE"])
    flights = flights[(flights["CANCELLED"] == 0) & (flights["DIVERTED"] == 0) & flights["ARR_DELAY"].notna()]
    flights = with_features(flights).assign(LATE=flights["ARR_DELAY"] >= LATE)
    return flights.sort_values(["FL_DATE", "DEPARTURE"], kind="stable")


def with_features(flights: pd.DataFrame) -> pd.DataFrame:
    """Adds the features of flights, whose FL_DATE is a timestamp."""
    minutes = {
        name: flights[column] // 100 % 24 * 60 + flights[column] % 100
        for name, column in zip(("DEPARTURE", "ARRIVAL"), TIMES, strict=True)
    }
    return flights.assign(
        **minutes,
        WEEKDAY=flights["FL_DATE"].dt.day_of_week,
        ROUTE=flights["ORIGIN"] + flights["DEST"],
    )


def pipeline() -> Pipeline:
    """Returns a pipeline with target encoding and the same number of trees and leaves as this project."""
    features = ColumnTransformer(
        [
            ("codes", TargetEncoder(cv=KFold(5, shuffle=True, random_state=0)), CODES),
            ("numbers", "passthrough", NUMBERS),
        ]
    )
    trees = HistGradientBoostingClassifier(
        max_iter=75, max_leaf_nodes=31, learning_rate=0.1, early_stopping=False, random_state=0
    )
    return Pipeline([("features", features), ("trees", trees)])


def main(path: Path, folder: Path) -> None:
    """Trains a model, measures it and prints the quality as JSON."""
    flights = read(path)
    first = flights["FL_DATE"].iloc[int(len(flights) * (1 - TEST_SHARE))]
    train, test = flights[flights["FL_DATE"] < first], flights[flights["FL_DATE"] >= first]
    unknown = np.random.default_rng(0).random(len(train)) < 1 / 2
    train = train.assign(DEP_DELAY=train["DEP_DELAY"].mask(unknown))
    model = pipeline().fit(train[[*CODES, *NUMBERS]], train["LATE"])
    quality = {}
    for situation, known in ((SCHEDULE, test.assign(DEP_DELAY=np.nan)), (WITH_DELAY, test)):
        probability = model.predict_proba(known[[*CODES, *NUMBERS]])[:, 1]
        roc_curve(test["LATE"], probability)
        quality[situation] = {
            "roc_auc": roc_auc_score(test["LATE"], probability),
            "brier_score": brier_score_loss(test["LATE"], probability),
        }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    print(json.dumps(quality))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
