"""The forms of a file's dates: decided by its first rows where these need no decision, else by all."""

from pathlib import Path

import pytest

from tests.training.flights.files import read, rows, text
from training.errors import TrainingError
from training.flights import reader


def write_dates(folder: Path, *dates: str) -> Path:
    """Writes a file of one flight on each of these days."""
    path = folder / "flights.csv"
    flights = [{"flight_date": date, "flight_number": str(number)} for number, date in enumerate(dates)]
    path.write_text(text(flights), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _two_first_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_FIRST_DATES", 2)


def test_dates_of_one_form_are_read_without_a_pass_over_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a file whose first dates are days in ISO form, and a reader that cannot read all dates
    path = write_dates(tmp_path, "2018-01-31", "2018-02-01", "2018-02-02")
    monkeypatch.delattr(reader._Reader, "_date_forms")

    # When it is read
    found = read(path, tmp_path)

    # Then each row has its day
    assert [row["flight_date"] for row in rows(found)] == ["2018-01-31", "2018-02-01", "2018-02-02"]


@pytest.mark.parametrize("later", ["20180202", "2018/02/02", "2/2/2018"])
def test_later_dates_in_another_form_are_read_too(tmp_path: Path, later: str) -> None:
    path = write_dates(tmp_path, "2018-01-31", "2018-02-01", "2018-02-01", later)

    found = read(path, tmp_path)

    assert [row["flight_date"] for row in rows(found)][-1] == "2018-02-02"
    assert len(found) == 4


def test_later_dates_that_can_be_read_in_two_ways_are_refused(tmp_path: Path) -> None:
    path = write_dates(tmp_path, "2018-01-31", "2018-02-01", "2018-02-01", "2/3/2018")

    with pytest.raises(TrainingError, match="2/3/2018 has the month first or the day first"):
        read(path, tmp_path)


def test_a_later_text_that_is_no_date_drops_its_row(tmp_path: Path) -> None:
    found = read(write_dates(tmp_path, *["2018-01-31"] * 4, "soon"), tmp_path)

    assert len(found) == 4
    assert found.dropped == {"without a readable date": 1}
