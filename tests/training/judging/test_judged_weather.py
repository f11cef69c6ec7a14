"""The judge on flights that have their weather from a file of its own."""

from pathlib import Path

import pytest

from tests.training.flights.sample_files import as_csv, hourly_weather, some_flights
from tests.training.judging.trained import same_speed
from training.errors import TrainingError
from training.judging.judge import JudgeRequest, judge
from training.judging.verdict import Verdict
from training.progress import SILENT

DECEMBER = 12


def judged(folder: Path, champion: Path, challenger: Path, *, weather: bool) -> Verdict:
    """Judges by the flights of December."""
    (folder / "flights.csv").write_bytes(as_csv(some_flights([DECEMBER])[DECEMBER]))
    (folder / "weather.csv").write_bytes(hourly_weather([DECEMBER]))
    request = JudgeRequest(
        champion=champion,
        challenger=challenger,
        data=str(folder / "flights.csv"),
        weather=str(folder / "weather.csv") if weather else "",
        cache=folder / "cache",
    )
    return judge(request, SILENT, measure=same_speed).verdict


@pytest.mark.slow
def test_both_versions_are_compared_with_the_weather_of_the_file(
    tmp_path: Path, champion: Path, retrained: Path
) -> None:
    # Given two versions that have learned with weather, and newer flights without any
    # When they are judged with and without the weather of these flights
    without, found = (judged(tmp_path, champion, retrained, weather=given) for given in (False, True))

    # Then the verdict says whose weather it was, and there is one more situation, that which knows it
    assert without.data == "flights.csv"
    assert found.data == "flights.csv, with the weather of weather.csv"
    assert found.rows == without.rows
    more = found.metrics.keys() - without.metrics.keys()
    assert more == {"auc_weather", "brier_weather", "calibration_error_weather"}
    assert found.metrics["auc_weather"].champion > found.metrics["auc"].champion
    assert found.metrics["auc"] == without.metrics["auc"]


@pytest.mark.slow
def test_a_missing_file_of_weather_is_named(tmp_path: Path, champion: Path, retrained: Path) -> None:
    flights = tmp_path / "flights.csv"
    flights.write_bytes(as_csv(some_flights([DECEMBER])[DECEMBER]))
    request = JudgeRequest(
        champion=champion, challenger=retrained, data=str(flights), weather="no.csv", cache=tmp_path
    )

    with pytest.raises(TrainingError, match=r"There is no file no\.csv"):
        judge(request, SILENT)
