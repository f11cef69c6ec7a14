import pytest

from tests.training.features.generated_rows import (
    PASSED,
    boosting,
    data_frame,
    days,
    features,
    generated_rows,
)
from training.fit_plan import Plan

GROUPS = ((PASSED.index("size"),), (PASSED.index("later"),))


@pytest.mark.parametrize(
    ("absent", "trees"), [((), 30), (("later",), 22), (("size", "later"), 15)], ids=["none", "half", "all"]
)
def test_the_more_later_columns_no_row_knows_the_fewer_trees_are_grown(
    absent: tuple[str, ...], trees: int
) -> None:
    # Given two groups of columns that become known later, and rows that never know some of them
    rows = generated_rows(2_000).without(absent)
    model = boosting(Plan()).set_params(later=GROUPS)

    # When it is fitted
    model.fit(features().fit_transform(data_frame(rows), rows.target, dates=days(rows)), rows.target)

    # Then it grows up to half of the trees less, in proportion
    assert model.booster_.num_trees() == trees


def test_a_model_whose_columns_are_all_known_early_grows_all_its_trees() -> None:
    rows = generated_rows(2_000)
    model = boosting(Plan()).set_params(later=())

    model.fit(features().fit_transform(data_frame(rows), rows.target, dates=days(rows)), rows.target)

    assert model.booster_.num_trees() == 30


def test_a_model_of_one_tree_keeps_it_without_later_columns() -> None:
    rows = generated_rows(2_000).without(("size", "later"))
    model = boosting(Plan(), n_estimators=1).set_params(later=GROUPS)

    model.fit(features().fit_transform(data_frame(rows), rows.target, dates=days(rows)), rows.target)

    assert model.booster_.num_trees() == 1
