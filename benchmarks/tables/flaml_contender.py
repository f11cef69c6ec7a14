"""FLAML on one table: prints score and processor seconds as JSON.

Runs in the environment of benchmarks/tables/requirements.txt.
"""

import json
import resource
import sys
import warnings
from pathlib import Path

import pandas as pd
from flaml import AutoML

sys.path.insert(0, str(Path(__file__).parent))
from scores import score

MOST_CLASSES = 10


def main(folder: Path, name: str, budget: float) -> None:
    """Searches for so many seconds on the training file, and predicts the test file."""
    warnings.simplefilter("ignore")
    target = (folder / f"{name}.target").read_text(encoding="utf-8")
    train, test = (pd.read_csv(folder / f"{name}.{part}.csv") for part in ("train", "test"))
    texts = [column for column in train if train[column].dtype.kind not in "biuf" and column != target]
    for part in (train, test):
        for column in texts:
            part[column] = pd.Categorical(part[column], categories=sorted(train[column].dropna().unique()))
    labels = sorted(train[target].dropna().unique())
    is_class = train[target].dtype.kind != "f" and len(labels) <= MOST_CLASSES
    task = "regression" if not is_class else "binary" if len(labels) == 2 else "multiclass"
    codes = {label: code for code, label in enumerate(labels)}
    y, y_test = ((part[target].map(codes) if is_class else part[target]) for part in (train, test))
    automl = AutoML()
    automl.fit(
        train.drop(columns=target),
        y,
        task="classification" if is_class else "regression",
        metric={"binary": "roc_auc", "multiclass": "log_loss", "regression": "r2"}[task],
        time_budget=budget,
        seed=0,
        verbose=0,
    )
    rows = test.drop(columns=target)
    output = automl.predict_proba(rows) if is_class else automl.predict(rows)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    found = {"score": score(task, y_test, output), "seconds": seconds, "chosen": automl.best_estimator}
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
