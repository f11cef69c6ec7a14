import gzip
import json
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.flights.files import text

# A download from the web form of the BTS without the arrival delay.
EXPORT = """\
YEAR,QUARTER,MONTH,FL_DATE,OP_UNIQUE_CARRIER,TAIL_NUM,OP_CARRIER_FL_NUM,ORIGIN,DEST,CRS_DEP_TIME,DEP_TIME,DISTANCE
2021,1,2,2/1/2021 12:00:00 AM,AA,N653AW,1288,OMA,PHX,0606,0603,1037.00
"""


def flights(days: int, a_day: int) -> list[dict[str, str]]:
    """Returns flights; delays grow over the day."""
    return [
        {
            "flight_date": f"2018-01-{day + 1:02d}",
            "flight_number": str(number),
            "carrier": ("AA", "UA", "B6")[number % 3],
            "origin": ("LAX", "JFK")[number % 2],
            "scheduled_departure": f"{6 + number % 16:02d}{number % 60:02d}",
            "departure_delay": str(number % 16 + day % 5),
            "arrival_delay": str(5 + number % 16 + day % 7),
            "cancelled": "1" if number == 0 else "0",
        }
        for day in range(days)
        for number in range(a_day)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["Kaggle", "monthly BTS files"])
def test_a_model_is_trained_on_a_file_of_the_user(dialect: str, tmp_path: Path, command: Command) -> None:
    path = tmp_path / "flights.csv.gz"
    path.write_bytes(gzip.compress(text(flights(days=20, a_day=80), dialect).encode()))

    result = command(
        "flight_delay",
        "--data",
        str(path),
        "--out",
        str(tmp_path),
        "--json",
        "--no-report",
        "--engine",
        "duckdb",
    )

    assert result.stderr.splitlines()[-1].endswith("done"), result.stderr
    report = json.loads(result.stdout)
    manifest = read_archive(tmp_path / "model.tar.gz").manifest
    assert report["dropped"] == {"cancelled": 20}
    assert report["train_rows"] + report["test_rows"] == 20 * 79 == manifest.data.rows
    assert manifest.data.name == "flights.csv.gz"
    assert "inbound_delay" not in [field.name for field in manifest.fields]
    assert (manifest.data.start, manifest.data.end) == ("2018-01-01", "2018-01-20")


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--data", "{}/export.csv"], 1, "export.csv has no column ARR_DELAY"),
        (["--data", "{}/gone.csv"], 1, "There is no file"),
        (["--engine", "athena"], 1, "Athena needs an S3 bucket: name it with --bucket."),
        (["--engine", "steam"], 2, "invalid choice: 'steam'"),
    ],
)
def test_an_unreadable_source_or_invalid_option_is_refused_in_one_sentence(
    options: list[str], code: int, sentence: str, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "export.csv").write_text(EXPORT)

    result = command("flight_delay", "--out", str(tmp_path), *[option.format(tmp_path) for option in options])

    assert result.returncode == code
    assert sentence in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "model.tar.gz").exists()
