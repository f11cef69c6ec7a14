"""Boosters whose trees split categories: values of every kind, unseen and absent ones, codes alone."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from numpy.typing import NDArray

from bundle import Columns, Field
from training.errors import TrainingError
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


def field(found: ImportedModel, name: str) -> Field:
    return next(one for one in found.fields if one.name == name)


def test_categories_of_every_kind_are_predicted_as_by_lightgbm_also_unseen_and_absent_ones(
    tmp_path: Path,
) -> None:
    rows = table()
    model = lightgbm.LGBMClassifier(
        n_estimators=8, min_child_samples=5, min_data_per_group=5, cat_smooth=1, verbose=-1
    ).fit(as_categories(rows), target(rows))
    unseen = table(40).assign(x=0.5)
    unseen.loc[10:14, "carrier's código"] = "new"
    unseen.loc[15:19, "size"] = "huge"
    unseen.loc[20:24, "gate"] = 11

    found = imported(model, rows, tmp_path)

    wanted = model.predict_proba(as_categories(unseen))
    np.testing.assert_allclose(predicted(found, unseen), wanted, atol=1e-6)
    assert {one.name: one.type for one in found.fields} == {
        "carrier's código": "string",
        "size": "string",
        "gate": "integer",
        "is late": "boolean",
        "rate": "number",
        "x": "number",
    }
    assert field(found, "carrier's código").values == ()


def test_xgboost_predicts_absent_categories_and_refuses_those_that_it_refuses(tmp_path: Path) -> None:
    rows = table()[["size", "gate", "x"]]
    rows.loc[30:60, "size"] = None
    kinds = {"size": pd.CategoricalDtype([*SIZES]), "gate": pd.CategoricalDtype([10, 20, 35])}
    model = xgboost.XGBClassifier(
        n_estimators=6, max_depth=3, enable_categorical=True, max_cat_to_onehot=2, min_child_weight=0
    ).fit(rows.astype(kinds), target(table()))

    found = imported(model, rows, tmp_path)

    np.testing.assert_allclose(
        predicted(found, rows.astype({"gate": str})), model.predict_proba(rows.astype(kinds)), atol=1e-6
    )
    assert field(found, "size").values == tuple(sorted(SIZES))
    assert field(found, "gate").values == ("10", "20", "35")


def test_a_number_without_gaps_stays_a_number_where_other_categories_are_refused(tmp_path: Path) -> None:
    rows = pd.DataFrame({"month": np.tile([1, 2, 3], 20)})
    model = xgboost.XGBRegressor(n_estimators=2, enable_categorical=True).fit(
        rows.astype("category"), rows["month"] % 2
    )

    found = imported(model, rows, tmp_path)

    month = field(found, "month")
    assert (month.type, month.minimum, month.maximum) == ("integer", 1, 3)


@pytest.mark.parametrize(
    "model",
    [
        lightgbm.LGBMRegressor(n_estimators=3, min_child_samples=5, min_data_per_group=5, cat_smooth=1),
        xgboost.XGBRegressor(n_estimators=3, feature_types=["c", "float"], max_cat_to_onehot=1),
    ],
    ids=["LightGBM", "XGBoost"],
)
def test_codes_of_an_array_are_whole_numbers_and_other_codes_are_in_no_set(
    model: Any, tmp_path: Path
) -> None:
    codes = np.tile([0.0, 1, 2, 3], 50)
    rows = np.stack([codes, np.linspace(-1, 1, 200)], axis=1)
    own = {"categorical_feature": [0]} if isinstance(model, lightgbm.LGBMModel) else {}
    model.fit(rows, (codes % 3) + rows[:, 1], **own)
    unseen = pd.DataFrame({"shop": [0, 3, 77, np.nan], "x": [0.1] * 4})

    found = imported(model, pd.DataFrame(rows, columns=["shop", "x"]), tmp_path)

    np.testing.assert_allclose(predicted(found, unseen)[:, 0], model.predict(unseen.to_numpy()), atol=1e-6)
    assert field(found, "shop").type == "integer"


def test_words_are_refused_where_the_file_has_codes(tmp_path: Path) -> None:
    codes = np.tile([[0.0], [1.0]], (50, 1))
    model = lightgbm.LGBMRegressor(n_estimators=1, verbose=-1)
    model.fit(codes, codes[:, 0], categorical_feature=[0])

    with pytest.raises(
        TrainingError, match=r"has the codes of the categories of 'shop' and not their values"
    ):
        imported(model, pd.DataFrame({"shop": ["a", "b"]}), tmp_path)


def test_an_ordered_category_beside_numbers_like_its_codes_is_refused(tmp_path: Path) -> None:
    codes = np.tile([0, 1, 2], 40)
    rows = pd.DataFrame({"step": codes, "level": pd.Categorical(codes, ordered=True)})
    model = lightgbm.LGBMRegressor(n_estimators=1, verbose=-1).fit(rows, codes)

    with pytest.raises(TrainingError, match="does not say to which of its columns the categories"):
        imported(model, rows, tmp_path)


def test_names_of_categories_that_xgboost_damaged_are_refused(tmp_path: Path) -> None:
    rows = pd.DataFrame({"city": pd.Categorical(np.tile(["Zürich", "Genève"], 20))})
    model = xgboost.XGBRegressor(n_estimators=1, enable_categorical=True)
    model.fit(rows, np.tile([0, 1], 20))

    with pytest.raises(TrainingError, match="damaged names of the categories of 'city'"):
        imported(model, rows, tmp_path)


def test_an_absent_value_is_said_to_be_a_category_without_letters(tmp_path: Path) -> None:
    kinds = pd.DataFrame({"kind": np.tile(["", "a"], 40)})
    model = lightgbm.LGBMRegressor(n_estimators=1, verbose=-1).fit(
        kinds.astype("category"), kinds["kind"] == "a"
    )

    found = imported(model, kinds.iloc[1::2], tmp_path)

    assert (
        found.notes[0]
        == "An absent value of kind is predicted as its category '', the string without letters."
    )
