"""Boosters whose trees split categories: values of every kind, unseen and absent ones, codes alone."""

import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

from tests.training.importing.readers.category_models import (
    SIZES,
    SMALL,
    as_categories,
    field,
    imported,
    predicted,
    table,
    target,
    unseen_rows,
)
from training.errors import TrainingError
from training.importing.readers.model_file import read_file
from training.importing.sample import read_sample


def test_categories_of_every_kind_are_predicted_as_by_lightgbm_also_unseen_and_absent_ones(
    tmp_path: Path,
) -> None:
    rows = table()
    model = lightgbm.LGBMClassifier(n_estimators=8, **SMALL).fit(as_categories(rows), target(rows))
    unseen = unseen_rows()

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


def test_the_rounds_after_early_stopping_are_left_out_and_the_values_of_categories_kept(
    tmp_path: Path,
) -> None:
    rows = table()[["size"]]
    wanted = rows["size"].eq("middle") * 1
    model = xgboost.XGBClassifier(n_estimators=6, early_stopping_rounds=2, enable_categorical=True)
    model.fit(
        rows.astype("category"), wanted, eval_set=[(rows.astype("category"), 1 - wanted)], verbose=False
    )

    found = imported(model, rows, tmp_path)

    assert model.best_iteration == 0
    np.testing.assert_allclose(
        predicted(found, rows), model.predict_proba(rows.astype("category")), atol=1e-6
    )


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
        lightgbm.LGBMRegressor(n_estimators=3, **SMALL),
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
    wanted = (codes % 3) + rows[:, 1]
    # An absent code is like one of the codes that most splits lead to the other branch.
    rows[::8, 0], wanted[::8] = np.nan, 2
    model.fit(rows, wanted, **own)
    unseen = pd.DataFrame({"shop": [0, 3, 77, np.nan], "x": [0.1] * 4})

    found = imported(model, pd.DataFrame(rows, columns=["shop", "x"]), tmp_path)

    np.testing.assert_allclose(predicted(found, unseen)[:, 0], model.predict(unseen.to_numpy()), atol=1e-6)
    assert field(found, "shop").type == "integer"


def without_values(rows: pd.DataFrame, wanted: Any, folder: Path) -> Path:
    """Writes an XGBoost file as before version 3.1: it has no values of categories."""
    model = xgboost.XGBRegressor(n_estimators=2, enable_categorical=True, min_child_weight=0)
    model.fit(rows.astype("category"), wanted).get_booster().save_model(folder / "full.json")
    content = json.loads((folder / "full.json").read_bytes())
    del content["learner"]["gradient_booster"]["model"]["cats"]
    (folder / "old.json").write_text(json.dumps(content), encoding="utf-8")
    return folder / "old.json"


def test_codes_of_an_older_xgboost_are_explained_and_values_of_categories_refused(tmp_path: Path) -> None:
    rows = pd.DataFrame({"gate": np.tile([10, 20, 35], 20)})
    path = without_values(rows, rows["gate"].eq(35) * 1.0, tmp_path)
    codes = pd.DataFrame({"gate": np.tile([0, 1, 2], 20)})

    assert (
        "the file does not have their values" in read_file(path, read_sample(codes, ""), trust=False).notes[0]
    )
    with pytest.raises(
        TrainingError, match="which go up to about 2, and the sample has values such as 10, 20, 35"
    ):
        read_file(path, read_sample(rows, ""), trust=False)


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


def test_strings_of_digits_stay_strings(tmp_path: Path) -> None:
    zips = pd.DataFrame({"zip": np.tile(["00100", "02139", "99999"], 20)})
    model = lightgbm.LGBMRegressor(n_estimators=2, **SMALL).fit(
        zips.astype("category"), zips["zip"] == "02139"
    )

    found = imported(model, zips, tmp_path)

    np.testing.assert_allclose(
        predicted(found, zips)[:, 0], model.predict(zips.astype("category")), atol=1e-6
    )
    assert field(found, "zip").type == "string"


def test_a_column_without_any_of_its_categories_is_refused(tmp_path: Path) -> None:
    kinds = pd.DataFrame({"kind": np.tile(["1", "2"], 40)})
    model = lightgbm.LGBMRegressor(n_estimators=1, verbose=-1).fit(
        kinds.astype("category"), kinds["kind"] == "1"
    )

    with pytest.raises(TrainingError, match=r"categories: 1\.0, 2\.0 instead of 1, 2\."):
        imported(model, kinds.astype(float), tmp_path)


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
