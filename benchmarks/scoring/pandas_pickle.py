"""Scoring as in a careful notebook: pandas, a pickled scikit-learn pipeline, Parquet.

python -m benchmarks.scoring.pandas_pickle fit FLIGHTS.csv MODEL.pkl
python -m benchmarks.scoring.pandas_pickle score MODEL.pkl FLIGHTS OUT.parquet
"""

import pickle
import sys
from pathlib import Path

import pandas as pd

from benchmarks.training.scikit_learn_pickle import CODES, NUMBERS, pipeline, read, with_features

FEATURES = [*CODES, *NUMBERS]
THRESHOLD = 0.25


def fit(flights: Path, model: Path) -> None:
    """Fits the pipeline on labelled flights and pickles it."""
    rows = read(flights)
    model.write_bytes(pickle.dumps(pipeline().fit(rows[FEATURES], rows["LATE"])))


def score(model: Path, flights: Path, out: Path) -> None:
    """Writes the rows of a file with their predictions."""
    fitted = pickle.loads(model.read_bytes())  # noqa: S301  # the benchmark has written it
    rows = pd.read_parquet(flights) if flights.suffix == ".parquet" else pd.read_csv(flights)
    known = rows.assign(FL_DATE=pd.to_datetime(rows["FL_DATE"]))
    probability = fitted.predict_proba(with_features(known)[FEATURES])[:, 1]
    label = pd.Series(probability >= THRESHOLD).map({True: "delay", False: "on_time"})
    rows.assign(label=label, probability=probability).to_parquet(out)


if __name__ == "__main__":
    paths = [Path(path) for path in sys.argv[2:]]
    if sys.argv[1] == "fit":
        fit(paths[0], paths[1])
    else:
        score(paths[0], paths[1], paths[2])
