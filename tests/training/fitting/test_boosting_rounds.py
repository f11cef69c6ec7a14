from pathlib import Path

import numpy as np

from tests.training.features.made import After, boosting, days, features, made, made_frame
from training.fitting.boosting import Boosting
from training.plan import Plan

ROUNDS = 30


def fitted(plan: Plan) -> Boosting:
    rows = made()
    matrix = features().fit_transform(made_frame(rows), rows.target, dates=days(rows))
    return boosting(plan).fit(matrix, rows.target)


def trees(model: Boosting) -> str:
    # The parameters after the trees include those of this fit alone.
    return str(model.booster_.model_to_string().split("parameters:")[0])


def test_a_stopped_fit_keeps_the_trees_so_far() -> None:
    stopped = fitted(Plan(stopping=After(11)))

    assert stopped.booster_.current_iteration() == 12
    assert (
        trees(stopped).split("Tree=11")[0].split("Tree=0")[1]
        == (trees(fitted(Plan())).split("Tree=11")[0].split("Tree=0")[1])
    )


def test_a_resumed_fit_gives_the_model_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = fitted(Plan())
    fitted(Plan(checkpoint=tmp_path, stopping=After(16)))

    seen: list[int] = []
    resumed = fitted(Plan(checkpoint=tmp_path, watch=seen.append))

    assert seen == list(range(18, ROUNDS + 1))
    matrix = features().fit_transform(made_frame(made()), made().target, dates=days(made()))
    np.testing.assert_allclose(resumed.log_odds(matrix), whole.log_odds(matrix), atol=1e-12)


def test_a_checkpoint_of_another_fit_is_not_resumed(tmp_path: Path) -> None:
    fitted(Plan(checkpoint=tmp_path))
    seen: list[int] = []

    fitted(Plan(checkpoint=tmp_path, seed=1, watch=seen.append))

    assert seen == list(range(1, ROUNDS + 1))


def test_a_finished_checkpoint_gets_no_more_trees(tmp_path: Path) -> None:
    first = fitted(Plan(checkpoint=tmp_path))
    seen: list[int] = []

    again = fitted(Plan(checkpoint=tmp_path, watch=seen.append))

    assert seen == []
    assert trees(again) == trees(first)
