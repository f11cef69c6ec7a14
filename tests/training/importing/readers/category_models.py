"""Rows with categories of every kind, and the import of a model of them, for the tests of imports."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Columns, Field
from training.importing.imported_bundle import ImportedModel
from training.importing.model_import import ImportJob, composed
from training.importing.readers.model_file import read_model
from training.importing.sample import read_sample

# A name of letters, punctuation and spaces, which LightGBM writes otherwise; values that look like numbers.
CARRIERS = ("AA", "é", "q\"'", " sp", "01", "1e3")
SIZES = ("small", "middle", "large")
CATEGORIES: dict[str, Sequence[Any]] = {
    "carrier's código": CARRIERS,
    "size": SIZES,
    "gate": (10, 20, 35),
    "is late": (False, True),
    "rate": (0.1, 1.5, 2.5),
}
# Options of LightGBM with which a few hundred rows split categories.
SMALL: dict[str, Any] = {"min_child_samples": 5, "min_data_per_group": 5, "cat_smooth": 1, "verbose": -1}


def table(rows: int = 300) -> pd.DataFrame:
    """Rows with values of every kind, some of them absent."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame({name: random.choice([*one], rows) for name, one in CATEGORIES.items()})
    frame["x"] = random.normal(size=rows)
    frame.loc[:9, "carrier's código"] = None
    frame.loc[5:14, "x"] = np.nan
    return frame


def as_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows as training gets them; a size is ordered."""
    kinds = {
        name: pd.CategoricalDtype([*values], ordered=name == "size") for name, values in CATEGORIES.items()
    }
    known = {name: frame[name].where(frame[name].isin([*kinds[name].categories])) for name in kinds}
    return frame.assign(**{name: column.astype(kinds[name]) for name, column in known.items()})


def target(frame: pd.DataFrame) -> NDArray[Any]:
    score = frame["carrier's código"].isin(["AA", "01"]) * 2 + frame["gate"].eq(20) + frame["is late"] * 1
    return np.asarray((score + frame["rate"].eq(0.1) + frame["size"].ne("middle") + frame["x"].fillna(0)) > 2)


def imported(model: Any, sample: pd.DataFrame, folder: Path) -> ImportedModel:
    """Imports a pickled model with a CSV file of rows."""
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    sample.to_csv(folder / "rows.csv", index=False)
    read, rows = read_model(folder / "model.pkl", read_sample(folder / "rows.csv", ""), trust=True)
    return composed(read, rows, ImportJob(model=folder, rows=None, name="m", out=folder))


def predicted(found: ImportedModel, rows: pd.DataFrame) -> NDArray[Any]:
    columns = {name: [None if pd.isna(one) else one for one in rows[name].tolist()] for name in rows}
    return found.scorer.score(Columns(found.fields).encode(columns, len(rows)))


def unseen_rows() -> pd.DataFrame:
    """Rows with absent values, and with values that the training lacked."""
    rows = table(40).assign(x=0.5)
    rows.loc[10:14, "carrier's código"] = "new"
    rows.loc[15:19, "size"] = "huge"
    rows.loc[20:24, "gate"] = 11
    return rows


def field(found: ImportedModel, name: str) -> Field:
    return next(one for one in found.fields if one.name == name)
