"""Files of flights in the dialects of training, without their arrival delay."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from scoring.fields.field_values import GIVEN
from scoring.fields.record_reader import RecordReader
from scoring.inputs.csv_file_rows import CsvFileRows
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.row_reader import RowReader
from tests.scoring.scored import Scored
from tests.training.flights.files import FLIGHT, columns, read, rows, text
from training.flights.request_fields import FIELDS
from training.flights.sources.dialect import DIALECTS, known_columns

FLIGHTS = [
    {"flight_number": "2", "scheduled_departure": "2400", "departure_delay": "5000"},
    {"flight_number": "3", "scheduled_departure": "7:05", "scheduled_arrival": "1:60", "distance": "0"},
    {"flight_number": "4", "carrier": " DL ", "scheduled_arrival": "NA", "distance": ""},
    {"flight_number": "5", "scheduled_departure": "17:45:00", "departure_delay": "1_6"},
    {"flight_number": "6", "scheduled_departure": "545.0", "distance": "1e3"},
]


def without_delay(content: str, dialect: str) -> str:
    """Returns a file of a dialect without its column of arrival delays."""
    [name] = [theirs for theirs, ours in columns(dialect).items() if ours == "arrival_delay"]
    table = [*csv.DictReader(io.StringIO(content))]
    file = io.StringIO()
    names = [column for column in table[0] if column != name]
    writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return file.getvalue()


def instances(path: Path) -> list[dict[str, Any]]:
    """Returns the rows of a file as the model gets them."""
    file = CsvFileRows(path, "flights.csv", known_columns)
    found = FieldColumns(file, "flights.csv", RowReader(fields=FIELDS, model="flight_delay"))
    [batch] = file.batches()
    read_ = RecordReader(FIELDS, found).read(batch)
    return [
        {
            name: str(values.decoded[row]) if name == "flight_date" else values.decoded[row]
            for name, values in read_.values.items()
            if read_.status[name][row] == GIVEN
        }
        for row in range(len(batch.rows))
    ]


@pytest.mark.parametrize("dialect", [dialect.name for dialect in DIALECTS])
def test_flights_are_scored_with_the_values_that_training_reads(dialect: str, tmp_path: Path) -> None:
    content = text(FLIGHTS, dialect)
    labelled = tmp_path / "labelled.csv"
    labelled.write_text(content)
    unlabelled = tmp_path / "flights.csv"
    unlabelled.write_text(without_delay(content, dialect))

    found = instances(unlabelled)

    # Training sorts its rows.
    trained = rows(read(labelled, tmp_path))
    assert sorted(map(repr, (sorted(row.items()) for row in found))) == sorted(
        map(repr, (sorted(row.items()) for row in trained))
    )
    assert len(found) == len(FLIGHTS)


def test_the_order_of_day_and_month_is_decided_by_the_whole_file(
    flights: Scored, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scoring.inputs import csv_file_rows

    monkeypatch.setattr(csv_file_rows, "_BLOCK_BYTES", (1_024, 1_024))
    days = [*["1/2/2018"] * 40, "1/31/2018"]
    content = text([{"flight_date": day, "flight_number": str(n)} for n, day in enumerate(days)])

    flights.run(flights.write("flights.csv", without_delay(content, "Kaggle")))
    both = flights.refusal(
        flights.write("both.csv", without_delay(text([{"flight_date": "1/2/2018"}]), "Kaggle"))
    )

    # The graph adds to the month, so February would have another probability.
    assert len({row["probability"] for row in flights.rows()}) == 1
    assert "can be read in two ways" in both


def test_cancelled_flights_are_answered_and_unreadable_times_refused(flights: Scored) -> None:
    wrong = [
        {"cancelled": "1", "departure_delay": ""},
        {"scheduled_departure": "2401"},
        {"flight_date": "", "flight_number": "7"},
        {"origin": "PBI"},
        {"carrier": ""},
        {"scheduled_arrival": "noon"},
    ]
    content = text([{}, *wrong])

    summary = flights.run(flights.write("flights.csv", without_delay(content, "Kaggle")))

    assert [bool(row["label"]) for row in flights.rows()] == [True, True, False, False, False, False, True]
    assert [(row, field) for row, field, _ in flights.refused()] == [
        (3, "scheduled_departure"),
        (4, "flight_date"),
        (5, "destination"),
        (6, "carrier"),
    ]
    rules = [rule.startswith("is required and ") for _, _, rule in flights.refused()]
    assert rules == [False, True, False, True]
    assert summary["unreadable"] == {"scheduled_arrival": 1}
    assert summary["columns"]["flight_date"] == "FL_DATE"


def test_a_file_with_semicolons_and_decimal_commas_is_scored(flights: Scored) -> None:
    content = without_delay(text([{}, {"distance": "1.330,5"}]), "Kaggle")

    flights.run(
        flights.write("plain.csv", content.replace(",", ";").replace("1.330;5", "1.330,5").replace('"', ""))
    )

    assert len({row["probability"] for row in flights.rows()}) == 1
    assert [row["DISTANCE"] for row in flights.rows()] == ["2330.00", "1.330,5"]


def test_a_missing_column_is_named_in_the_words_of_the_nearest_form(flights: Scored) -> None:
    dialect = without_delay(text([{}]), "Kaggle").replace("CRS_DEP_TIME", "DEPARTURE")
    own = "carrier,flight_date,origin,destination,departs\nAA,2018-01-01,JFK,LAX,09:00\n"

    assert "has no column CRS_DEP_TIME, which Kaggle columns" in flights.refusal(
        flights.write("a.csv", dialect)
    )
    assert "has no column 'scheduled_departure'" in flights.refusal(flights.write("b.csv", own))


def test_fields_may_stand_beside_the_columns_of_a_dialect(flights: Scored) -> None:
    header, row, *_ = without_delay(text([FLIGHT]), "Kaggle").splitlines()

    summary = flights.run(flights.write("flights.csv", f"{header},temperature\n{row},39.9\n{row},999\n"))

    assert summary["columns"]["temperature"] == "temperature"
    assert [(row, field) for row, field, _ in flights.refused()] == [(2, "temperature")]
