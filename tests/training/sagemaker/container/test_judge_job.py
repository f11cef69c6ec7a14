"""The judge in the training container, with a folder in place of /opt/ml."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.training.sagemaker.opt_ml import OptMl
from training.data.data_options import DataOptions
from training.fit_plan import Plan
from training.models.line import MODEL
from training.progress import SILENT
from training.training_run import Job, run


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sequence[Path]]:
    """Channels with the bundles of two trainings."""
    channels: dict[str, Sequence[Path]] = {}
    for seed, name in enumerate(("champion", "challenger")):
        out = tmp_path_factory.mktemp(name)
        data = DataOptions(holdout=1)
        run(Job(name="line", model=MODEL, out=out, data=data, plan=Plan(seed=seed), page=False), SILENT)
        channels[name] = [out / "model.tar.gz"]
    return channels


def test_a_judge_saves_the_verdict_as_its_model(tmp_path: Path, bundles: dict[str, Sequence[Path]]) -> None:
    hyperparameters = {"task": "judge", "min_rows": "10"}
    folders = [OptMl(tmp_path / f"{n}", hyperparameters=hyperparameters, channels=bundles) for n in (0, 1)]

    results = [folder.run() for folder in folders]

    assert [code for code, _ in results] == [0, 0], results
    assert folders[0].model == {"verdict.json", "verdict.html"}
    one, two = (
        {name: (folder.base / "model" / name).read_bytes() for name in folder.model} for folder in folders
    )
    assert one == two
    verdict = json.loads(one["verdict.json"])
    assert (verdict["passes"], verdict["rule"]["min_rows"]) == (True, 10)
    assert {"champion", "challenger", "difference", "low", "high"} <= verdict["metrics"]["r2"].keys()


def test_a_challenger_that_does_not_pass_is_no_failure(
    tmp_path: Path, bundles: dict[str, Sequence[Path]]
) -> None:
    ml = OptMl(tmp_path, hyperparameters={"task": "judge"}, channels=bundles)

    code, log = ml.run()

    assert (code, ml.failure) == (0, ""), log
    verdict = json.loads((ml.base / "model" / "verdict.json").read_text())
    assert not verdict["passes"]
    assert "at least 200 are wanted" in verdict["reasons"][0]


@pytest.mark.parametrize(
    ("hyperparameters", "missing", "reason"),
    [
        ({"task": "guess"}, "", "The hyperparameter task is 'guess': give train or judge."),
        ({"task": "judge", "min_row": "1"}, "", "The judge has no setting 'min_row': there are min_rows, "),
        (
            {"task": "judge"},
            "champion",
            "The channel champion is missing or empty: give it the S3 URI of one",
        ),
        ({"task": "judge", "weather": "iem"}, "", "The model line reads no weather: leave --weather out."),
        ({"task": "judge", "data": "other"}, "", "This model has no data 'other', only its sample"),
        ({"task": "train", "model": "line"}, "", "Unknown channel challenger: use the channels training"),
    ],
)
def test_a_bad_job_says_why_in_the_failure_file(
    tmp_path: Path,
    bundles: dict[str, Sequence[Path]],
    hyperparameters: dict[str, str],
    missing: str,
    reason: str,
) -> None:
    channels = {name: files for name, files in bundles.items() if name != missing}
    ml = OptMl(tmp_path, hyperparameters=hyperparameters, channels=channels)

    code, log = ml.run()

    assert (code, ml.model) == (1, set())
    assert ml.failure.startswith(reason)
    assert "Traceback" not in log


def test_weather_of_a_channel_and_of_a_hyperparameter_are_not_both_taken(
    tmp_path: Path, bundles: dict[str, Sequence[Path]]
) -> None:
    weather = tmp_path / "weather.csv"
    weather.write_text("", encoding="utf-8")
    ml = OptMl(
        tmp_path / "ml",
        hyperparameters={"task": "judge", "weather": "iem"},
        channels={**bundles, "weather": [weather]},
    )

    assert ml.run()[0] == 1

    assert ml.failure.startswith("The job has both an input channel and the hyperparameter weather")


def test_a_file_that_is_no_bundle_is_named(tmp_path: Path, bundles: dict[str, Sequence[Path]]) -> None:
    wrong = tmp_path / "model.tar.gz"
    wrong.write_bytes(b"not a bundle")
    ml = OptMl(
        tmp_path / "ml", hyperparameters={"task": "judge"}, channels={**bundles, "challenger": [wrong]}
    )

    assert ml.run()[0] == 1

    assert ml.failure.startswith("The challenger ")
    assert "The bundle is truncated or not a gzip-compressed tar archive" in ml.failure
