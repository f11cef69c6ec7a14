"""The judge on models without dates, and on a table of one's own: multiclass, binary and regression."""

from pathlib import Path

import pytest

from tests.training.judging.trained import same_speed, train_model
from tests.training.tables.tables import customers, write_csv
from training.judging.judge import Judgement, JudgeRequest, judge
from training.judging.judge_settings import JudgeSettings
from training.progress import SILENT
from training.tables.command import make_table_parser, parse_table, run_table

FEW = JudgeSettings(min_rows=10)


def judged(champion: Path, challenger: Path, rule: JudgeSettings = FEW, data: str = "") -> Judgement:
    request = JudgeRequest(champion=champion, challenger=challenger, rule=rule, data=data)
    return judge(request, SILENT, measure=same_speed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "metrics"),
    [
        ("iris", {"accuracy", "log_loss", "auc"}),
        ("line", {"r2", "mean_absolute_error", "root_mean_squared_error"}),
    ],
)
def test_models_without_dates_are_judged_on_the_rows_that_both_held_out(
    name: str, metrics: set[str], tmp_path: Path
) -> None:
    one, two = (train_model(tmp_path / f"{seed}", name, holdout=1, seed=seed) for seed in (0, 1))

    verdict = judged(one, two).verdict

    assert verdict.metrics.keys() == metrics
    assert 5 <= verdict.rows <= 30
    assert (verdict.start, verdict.days) == ("", 0)
    assert "among the 10% of all rows that both held out" in str([check.sentence for check in verdict.checks])


def test_a_model_that_has_learned_from_all_rows_without_dates_is_not_judged(tmp_path: Path) -> None:
    one, two = train_model(tmp_path / "one", "line"), train_model(tmp_path / "two", "line", holdout=1)

    verdict = judged(one, two).verdict

    assert (verdict.passes, verdict.rows) == (False, 0)
    assert "The rows have no dates, and the champion" in verdict.reasons[0]
    assert "train it with --holdout" in verdict.reasons[0]


@pytest.mark.slow
def test_a_table_of_ones_own_is_judged_by_its_file_of_fields(tmp_path: Path) -> None:
    # Given two trainings on a table, the second with more rows
    paths = []
    for name, rows in (("one", 300), ("two", 400)):
        source = write_csv(tmp_path / f"{name}-rows", customers(400)[:rows])
        words = [
            str(source),
            "--target",
            "churned",
            "--out",
            str(tmp_path / name),
            "--holdout",
            "1",
            "--no-report",
        ]
        run_table(parse_table(words, make_table_parser()), SILENT)
        paths.append(tmp_path / name / "model.tar.gz")

    # When they are judged on the rows of the second
    verdict = judged(paths[0], paths[1], data=str(source)).verdict

    # Then by the rows that both held out
    assert 20 <= verdict.rows <= 60
    assert {"auc", "brier", "calibration_error"} == verdict.metrics.keys()
