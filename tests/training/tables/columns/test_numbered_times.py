"""Days and times that a column has as numbers, and days that stand for none."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.training.tables.columns.inferred import column, field, read
from tests.training.tables.tables import customers, write_csv
from training.data.data_options import DataOptions
from training.progress import SILENT
from training.tables.columns.cells import cells_of
from training.tables.columns.column_values import column_values
from training.tables.columns.inference import infer
from training.tables.table_preparation import TableRequest, prepare

DAYS = [datetime.date(2024, 1, 5) + datetime.timedelta(days=9 * step) for step in range(40)]
SECONDS = [int(np.datetime64(day, "s").astype(int) + 63_900) for day in DAYS]
COMPACT = [int(f"{day:%Y%m%d}") for day in DAYS]
CLOCKS = [100 * (number % 24) + 7 * number % 60 for number in range(40)]


@pytest.mark.parametrize(
    ("name", "numbers", "day"),
    [
        ("shipped", COMPACT, "2024-01-05"),
        ("order_date", COMPACT[:2], "2024-01-05"),
        (
            "x",
            [202400 + month for month in range(1, 13)] + [202500 + month for month in range(1, 13)],
            "2024-01-01",
        ),
        ("month", [202311, 202401], "2023-11-01"),
        ("created_at", SECONDS, "2024-01-05"),
        ("eventTimestamp", [1000 * second for second in SECONDS], "2024-01-05"),
        ("event_time", [1_000_000 * second for second in SECONDS], "2024-01-05"),
        ("ts", [1_000_000_000 * second for second in SECONDS], "2024-01-05"),
        ("HireDate", [45296, 45297, 45300], "2024-01-05"),
        ("dob", [29221, 7306], "1980-01-01"),
    ],
)
@pytest.mark.parametrize("kind", ["number", "text"])
def test_numbers_that_are_days_become_dates(name: str, numbers: list[int], day: str, kind: str) -> None:
    values = numbers if kind == "number" else [*map(str, numbers)]
    found = column(values, name)

    assert found.field.type == "date"
    assert str(np.asarray(column_values(found, cells_of(values)))[0]) == day
    assert "it becomes a date, and the API takes days such as 2024-01-31" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("amount", [20240131, 20240229]),
        ("code", [*COMPACT[:39], 20241350]),
        ("price", [195001, 196004, 202599]),
        ("candidate", [45296, 45297, 45300]),
        ("score", [45296, 45297, 45300]),
        ("duration_time", [*range(0, 2000, 50)]),
        ("air_time", [*range(20, 300, 7)]),
        ("update_count", [1, 2, 3]),
        ("year", [*range(1990, 2024)]),
    ],
)
def test_other_numbers_stay_numbers(name: str, numbers: list[int]) -> None:
    found = column(numbers, name)

    assert (found.field.type, found.notes) == ("integer", ())


def test_numbers_that_may_be_points_in_time_are_named_with_the_correction() -> None:
    found = column(SECONDS, "reading")

    assert found.field.type == "integer"
    assert 'type = "date", written = "epoch s"' in found.notes[0]


def test_points_in_time_as_numbers_have_a_time_of_day_in_utc() -> None:
    found = infer({"created": [1_704_476_700, 1_704_567_600, 1_704_653_999] * 10}).columns

    assert [(one.field.name, one.field.type) for one in found] == [
        ("created", "date"),
        ("created time", "time"),
    ]
    times = column_values(found[1], cells_of([1_704_476_700]))
    assert list(times) == ["17:45"]


@pytest.mark.parametrize("values", [CLOCKS, [f"{clock:04d}" for clock in CLOCKS]])
def test_hours_and_minutes_in_one_number_become_times(values: list[int | str]) -> None:
    found = column(values, "CRSDepTime")

    assert found.field.type == "time"
    assert list(column_values(found, cells_of([int(values[1])]))) == ["01:07"]
    assert list(column_values(found, cells_of([2400, 930]))) == ["00:00", "09:30"]


@pytest.mark.parametrize("nothing", [0, 99991231, 99999999])
def test_numbers_that_stand_for_no_day_are_absent(nothing: int) -> None:
    found = column([*COMPACT[:39], nothing], "closing_date")

    assert found.field.type == "date"
    assert not found.field.required
    assert f"'{nothing}' of the column 'closing_date' stands for no day" in found.notes[1]
    assert pd.isna(column_values(found, cells_of([COMPACT[0], nothing]))).tolist() == [False, True]
    assert pd.isna(column_values(found, cells_of([f"{COMPACT[0]}.0", f"{nothing}.0"]))).tolist() == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    "values",
    [
        ["2024-01-31", "2024-05-01", "9999-12-31"],
        ["31/01/2024", "01/05/2024", "01/01/1900"],
        [datetime.date(2024, 1, 31), datetime.date(2024, 5, 1), datetime.date(1900, 1, 1)],
        [*np.array(["2024-01-31", "2024-05-01", "9999-12-31"], dtype="datetime64[s]")],
    ],
)
def test_a_day_that_stands_for_none_is_absent_with_a_sentence(values: list[str]) -> None:
    found = column(values, "valid to")

    assert not found.field.required
    assert any("stands for no day, and counts as absent" in note for note in found.notes)
    assert pd.isna(column_values(found, cells_of(values))).tolist() == [False, False, True]


def test_the_first_day_of_a_century_among_others_is_a_day() -> None:
    found = column(["1898-03-01", "1900-01-01", "1904-07-01"])

    assert (found.missing, found.field.required) == ((), True)


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["2024-W01", "2024-W52"], ["2024-01-01", "2024-12-23"]),
        (["2024-03", "2024-11"], ["2024-03-01", "2024-11-01"]),
    ],
)
def test_weeks_and_months_are_their_first_days(texts: list[str], days: list[str]) -> None:
    assert [str(day)[:10] for day in read(texts)] == days


def test_seasons_are_no_months() -> None:
    assert field(["2001-02", "2002-03", "2010-11"]).type == "string"


def test_the_correction_of_numbers_to_points_in_time_takes_effect(tmp_path: Path) -> None:
    table = customers(400)
    table.insert(0, "reading", 1_704_067_200 + 3_600 * np.arange(400))
    path, toml = write_csv(tmp_path, table), tmp_path / "out" / "table.toml"
    request = TableRequest(source=str(path), target="churned", out=tmp_path / "out")
    prepare(request, SILENT)
    start, _, rest = toml.read_text(encoding="utf-8").partition("[[field]]\n")
    corrected = 'name = "reading"\ntype = "date"\nwritten = "epoch s"\nexample = "2024-01-31"\n'
    others = rest[rest.index("[[field]]") :]
    toml.write_text(f"{start}[[field]]\n{corrected}\n{others}", encoding="utf-8")

    found = prepare(request, SILENT)

    assert np.unique(found.table.read(DataOptions(source=str(path))).columns["reading"]).tolist() == [
        datetime.date(2024, 1, 1) + datetime.timedelta(days=day) for day in range(17)
    ]
