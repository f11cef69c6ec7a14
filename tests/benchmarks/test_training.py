"""Benchmark of training: CSV of flights, and measurement of a program."""

import csv
import datetime
import functools
import sys
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.training import lightgbm_booster, scikit_learn_pickle
from benchmarks.training.__main__ import main
from benchmarks.training.contenders import CONTENDERS
from benchmarks.training.flights_csv import extract_sample, write_flights
from benchmarks.training.trial import run

ROWS = 20_000
EVERY = 21


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every 21st flight of the sample, 16,037 in all."""
    whole = extract_sample(tmp_path_factory.mktemp("sample"))
    heading, *lines = whole.read_text().splitlines(keepends=True)
    whole.write_text("".join([heading, *lines[::EVERY]]))
    return whole


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("flights") / "flights.csv"
    write_flights(path, rows=2 * ROWS, year=2017, years=2, sample=sample)
    with path.open() as file:
        return list(csv.DictReader(file))


def test_the_rivals_grow_as_many_trees() -> None:
    trees = scikit_learn_pickle.pipeline()["trees"]

    assert trees.max_iter == lightgbm_booster.TREES


@pytest.mark.slow
def test_the_csv_has_the_requested_number_of_flights(flights: list[dict[str, str]]) -> None:
    assert len(flights) == pytest.approx(2 * ROWS, rel=0.02)
    assert len(flights[0]) == 28


@pytest.mark.slow
def test_flights_are_in_the_order_of_their_dates_over_all_years(flights: list[dict[str, str]]) -> None:
    dates = [datetime.date.fromisoformat(flight["FL_DATE"]) for flight in flights]

    assert dates == sorted(dates)
    assert {date.year for date in dates} == {2017, 2018}
    assert len({(date.year, date.month) for date in dates}) == 24


@pytest.mark.slow
def test_the_share_of_cancelled_and_diverted_flights_is_that_of_the_sample(
    flights: list[dict[str, str]],
) -> None:
    not_arrived = [flight for flight in flights if "1.0" in (flight["CANCELLED"], flight["DIVERTED"])]

    assert len(not_arrived) / len(flights) == pytest.approx(9_430 / 336_776, rel=0.2)
    assert {flight["ARR_DELAY"] for flight in not_arrived} == {""}


@pytest.mark.slow
def test_copies_of_the_sample_have_different_keys(flights: list[dict[str, str]]) -> None:
    names = ("FL_DATE", "OP_CARRIER", "OP_CARRIER_FL_NUM", "ORIGIN", "DEST")

    keys = {tuple(flight[name] for name in names) for flight in flights}

    assert len(keys) == len(flights) > 2 * 336_776 / EVERY


def test_a_trial_has_the_memory_the_processor_time_and_the_steps_of_a_program() -> None:
    program = (
        "import sys; held = b'x' * 200_000_000\n"
        "print('[  0.0 s] reading: /a/b.csv', file=sys.stderr)\n"
        "print('[  1.5 s] fitting', file=sys.stderr)\n"
        "print('[  4.0 s] done', file=sys.stderr)\n"
        "print('{}')"
    )

    trial = run([sys.executable, "-c", program])

    assert trial.steps == {"reading": 1.5, "fitting": 2.5}
    assert trial.printed == "{}\n"
    assert trial.megabytes > 190
    assert trial.cpu_seconds > 0


def test_the_memory_of_a_program_is_its_own_and_not_that_of_the_benchmark() -> None:
    # Given
    held = b"x" * (200 << 20)

    # When
    trial = run([sys.executable, "-S", "-c", "pass"])

    # Then
    assert trial.megabytes < len(held) / (1 << 20)


def test_the_error_for_a_program_that_fails_has_its_last_output() -> None:
    with pytest.raises(BenchmarkError, match="failed: there is no data"):
        run([sys.executable, "-c", "raise SystemExit('there is no data')"])


@pytest.mark.slow
def test_all_contenders_train_on_the_same_flights(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sample: Path
) -> None:
    write_few = functools.partial(write_flights, sample=sample)
    monkeypatch.setattr("benchmarks.training.__main__.write_flights", write_few)

    assert main(["--rows", "4000", "--folder", str(tmp_path)]) == 0

    table = capsys.readouterr().out.partition("## Where the time goes")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    by_name = {cells[0].strip("| "): cells[1:] for cells in rows}
    assert by_name.keys() >= {contender.title for contender in CONTENDERS.values()}
    for cells in (by_name[contender.title] for contender in CONTENDERS.values()):
        assert 0.5 < float(cells[5]) < 0.75
        assert 0.8 < float(cells[7]) < 0.95
    assert list(tmp_path.iterdir()) == []
