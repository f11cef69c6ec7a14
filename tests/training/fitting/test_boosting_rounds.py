from pathlib import Path

import numpy as np

from tests.training.features.generated_rows import (
    StopAfter,
    boosting,
    data_frame,
    days,
    features,
    generated_rows,
)
from training.fit_plan import Plan
from training.fitting.boosting import Boosting

ROUNDS = 30


def fitted(plan: Plan) -> Boosting:
    rows = generated_rows()
    matrix = features().fit_transform(data_frame(rows), rows.target, dates=days(rows))
    return boosting(plan).fit(matrix, rows.target)


def trees(model: Boosting) -> str:
    # The parameters after the trees differ between fits.
    return str(model.booster_.model_to_string().split("parameters:")[0])


def test_a_stopped_fit_keeps_the_trees_so_far() -> None:
    stopped = fitted(Plan(stopping=StopAfter(11)))

    assert stopped.booster_.current_iteration() == 12
    assert (
        trees(stopped).split("Tree=11")[0].split("Tree=0")[1]
        == (trees(fitted(Plan())).split("Tree=11")[0].split("Tree=0")[1])
    )


def test_a_resumed_fit_gives_the_model_of_an_uninterrupted_one(tmp_path: Path) -> None:
    uninterrupted = fitted(Plan())
    fitted(Plan(checkpoint=tmp_path, stopping=StopAfter(16)))

    rounds: list[int] = []
    resumed = fitted(Plan(checkpoint=tmp_path, watch=rounds.append))

    assert rounds == list(range(18, ROUNDS + 1))
    matrix = features().fit_transform(
        data_frame(generated_rows()), generated_rows().target, dates=days(generated_rows())
    )
    np.testing.assert_allclose(resumed.log_odds(matrix), uninterrupted.log_odds(matrix), atol=1e-12)


def test_a_checkpoint_of_another_fit_is_not_resumed(tmp_path: Path) -> None:
    fitted(Plan(checkpoint=tmp_path))
    rounds: list[int] = []

    fitted(Plan(checkpoint=tmp_path, seed=1, watch=rounds.append))

    assert rounds == list(range(1, ROUNDS + 1))


def test_a_finished_checkpoint_gets_no_more_trees(tmp_path: Path) -> None:
    first = fitted(Plan(checkpoint=tmp_path))
    rounds: list[int] = []

    again = fitted(Plan(checkpoint=tmp_path, watch=rounds.append))

    assert rounds == []
    assert trees(again) == trees(first)
