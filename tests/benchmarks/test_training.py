"""The benchmark of training: the flights it makes, and what it says of a program's run."""

import csv
import datetime
import sys
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.training.__main__ import main
from benchmarks.training.flights_csv import write_flights
from benchmarks.training.trial import run

ROWS = 20_000


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("flights") / "flights.csv"
    write_flights(path, rows=2 * ROWS, year=2017, years=2)
    with path.open() as file:
        return list(csv.DictReader(file))


def test_as_many_flights_are_made_as_were_asked_for(flights: list[dict[str, str]]) -> None:
    assert len(flights) == pytest.approx(2 * ROWS, rel=0.02)
    assert len(flights[0]) == 28


def test_flights_come_in_the_order_of_their_dates_over_all_years(flights: list[dict[str, str]]) -> None:
    dates = [datetime.date.fromisoformat(flight["FL_DATE"]) for flight in flights]

    assert dates == sorted(dates)
    assert {date.year for date in dates} == {2017, 2018}
    assert len({(date.year, date.month) for date in dates}) == 24


def test_cancelled_and_diverted_flights_are_among_them_as_the_source_has_them(
    flights: list[dict[str, str]],
) -> None:
    lost = [flight for flight in flights if "1.0" in (flight["CANCELLED"], flight["DIVERTED"])]

    assert len(lost) / len(flights) == pytest.approx(9_430 / 336_776, rel=0.2)
    assert {flight["ARR_DELAY"] for flight in lost} == {""}


def test_more_flights_than_the_sample_has_are_copies_with_a_key_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    write_flights(path, rows=400_000)

    with path.open() as file:
        key = ("FL_DATE", "OP_CARRIER", "OP_CARRIER_FL_NUM", "ORIGIN", "DEST")
        keys = [tuple(flight[name] for name in key) for flight in csv.DictReader(file)]
    assert len(keys) == pytest.approx(400_000, rel=0.02)
    assert len(set(keys)) == len(keys)


def test_a_run_is_told_by_its_time_its_memory_and_its_steps() -> None:
    program = (
        "import sys; held = bytes(200_000_000)\n"
        "print('[  0.0 s] reading', file=sys.stderr)\n"
        "print('[  1.5 s] fitting', file=sys.stderr)\n"
        "print('[  4.0 s] done', file=sys.stderr)\n"
        "print('{}')"
    )

    trial = run([sys.executable, "-c", program])

    assert trial.steps == {"reading": 1.5, "fitting": 2.5}
    assert trial.printed == "{}\n"
    assert trial.megabytes > 190
    assert trial.cpu_seconds > 0
    assert trial.seconds < 30


def test_a_program_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(BenchmarkError, match="failed: there is no data"):
        run([sys.executable, "-c", "raise SystemExit('there is no data')"])


def test_both_train_on_the_same_flights_and_stand_in_one_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--rows", str(ROWS), "--folder", str(tmp_path)]) == 0

    table = capsys.readouterr().out.partition("## Where the time goes")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    by_name = {cells[0].strip("| "): cells[1:] for cells in rows}
    ours, classic = by_name["this project"], by_name["pandas, scikit-learn, pickle"]
    for cells in (ours, classic):
        assert 0.5 < float(cells[5]) < 0.75
        assert 0.8 < float(cells[7]) < 0.95
    assert list(tmp_path.iterdir()) == []
