"""No model input has information from after the flight."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.flights.request_fields import FIELDS
from training.models.flight_delay import MODEL, PASSED

# Columns of the US Bureau of Transportation Statistics that are known only after the flight.
KNOWN_AFTER_FLIGHT = {
    "arrival_delay",
    "arr_delay",
    "departure_time",
    "dep_time",
    "arrival_time",
    "arr_time",
    "taxi_out",
    "taxi_in",
    "wheels_off",
    "wheels_on",
    "air_time",
    "actual_elapsed_time",
    "cancelled",
    "diverted",
    "carrier_delay",
    "weather_delay",
    "nas_delay",
    "security_delay",
    "late_aircraft_delay",
}
STRIDE = 8


def test_no_field_is_known_only_after_the_flight() -> None:
    names = {field.name for field in FIELDS} | set(MODEL.columns.numbers) | set(MODEL.columns.strings)

    assert not names & KNOWN_AFTER_FLIGHT


def test_the_matrix_has_only_the_columns_of_the_fields(some_flights: Dataset) -> None:
    late = some_flights.target.astype(np.float64)
    leaky = replace(some_flights, columns={**some_flights.columns, "arrival_delay": late})

    rows = pipeline_frame(FIELDS, leaky)

    assert [*rows.columns] == [*MODEL.columns.numbers, *MODEL.columns.strings]
    assert set(PASSED) <= set(MODEL.columns.numbers)


def test_the_data_have_only_the_columns_of_the_fields(some_flights: Dataset) -> None:
    assert set(some_flights.columns) <= {field.name for field in FIELDS}


@pytest.mark.slow
def test_a_model_of_shuffled_labels_predicts_no_better_than_chance(flights: Dataset) -> None:
    # Given training rows with shuffled labels
    split = MODEL.split(flights.take(np.arange(0, len(flights), STRIDE)), 0)
    shuffled = np.random.default_rng(0).permutation(split.train.target)

    fitted = fit(MODEL, replace(split.train, target=shuffled), Plan())

    # Then the ROC AUC on later flights is about 0.5: eight thousand flights give a standard error of 0.008
    for output in fitted.outputs(split.test).values():
        assert roc_auc_score(split.test.target, output[:, 1]) == pytest.approx(0.5, abs=0.035)
