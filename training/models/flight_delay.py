"""Whether a flight will arrive 15 minutes late or more."""

import numpy as np
from lightgbm import LGBMClassifier
from skl2onnx.sklapi import CastTransformer
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import TargetEncoder

from bundle import Columns, Field
from training.flights import STRONGEST_WIND, read_sample
from training.matrix import positions
from training.model import Gap, Model, Situation
from training.plan import Plan
from training.request import only_sample
from training.route import Route
from training.split import by_time

WEATHER = ("temperature", "wind_speed", "precipitation", "visibility")
HOUR = "at the origin in the hour of scheduled departure, observed or forecast"

FIELDS = (
    Field(
        name="carrier",
        type="string",
        pattern="^[A-Z0-9]{2}$",
        description="IATA code of the airline.",
        example="B6",
    ),
    Field(
        name="flight_date",
        type="date",
        description="Day of scheduled departure, local to the origin.",
        example="2013-12-20",
    ),
    Field(
        name="origin",
        type="string",
        pattern="^[A-Z]{3}$",
        description="IATA code of the airport of departure.",
        example="JFK",
    ),
    Field(
        name="destination",
        type="string",
        pattern="^[A-Z]{3}$",
        description="IATA code of the airport of arrival.",
        example="SFO",
    ),
    Field(
        name="scheduled_departure",
        type="time",
        description="Scheduled departure, local to the origin.",
        example="17:45",
    ),
    Field(
        name="scheduled_arrival",
        type="time",
        required=False,
        description="Scheduled arrival, local to the destination.",
        example="21:25",
    ),
    Field(
        name="distance",
        type="number",
        required=False,
        minimum=1,
        maximum=12_500,
        unit="miles",
        description="Distance between the airports.",
        example=2586,
    ),
    Field(
        name="departure_delay",
        type="number",
        required=False,
        minimum=-180,
        maximum=4_320,
        unit="minutes",
        description="Departure after its schedule, negative when early; leave it out until it is known.",
        example=12,
    ),
    Field(
        name="temperature",
        type="number",
        required=False,
        minimum=-100,
        maximum=150,
        unit="degrees Fahrenheit",
        description=f"Temperature {HOUR}.",
        example=39.9,
    ),
    Field(
        name="wind_speed",
        type="number",
        required=False,
        minimum=0,
        maximum=STRONGEST_WIND,
        unit="miles per hour",
        description=f"Wind speed {HOUR}.",
        example=11.5,
    ),
    Field(
        name="precipitation",
        type="number",
        required=False,
        minimum=0,
        maximum=20,
        unit="inches in the hour",
        description=f"Precipitation {HOUR}.",
        example=0.02,
    ),
    Field(
        name="visibility",
        type="number",
        required=False,
        minimum=0,
        maximum=100,
        unit="miles",
        description=f"Visibility {HOUR}.",
        example=6,
    ),
)


def pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """Gradient boosting on numbers and on the share of delays of each carrier, airport and route.

    Month and day are left out: within one year they name single days, whose troubles do not come again.
    """
    calendar = {"flight_date_month", "flight_date_day", "flight_date_day_of_year"}
    numbers = [name for name in columns.numbers if name not in calendar]
    codes = [
        ("route", Route(origin=1, destination=2)),
        # Folds of consecutive rows: each is encoded by other weeks' outcomes, never by its own.
        ("delay_rates", TargetEncoder(target_type="binary", cv=KFold(5))),
    ]
    features = [
        ("numbers", "passthrough", positions(columns, numbers)),
        ("codes", Pipeline(codes), positions(columns, ("carrier", "origin", "destination"))),
    ]
    return Pipeline(
        [
            ("features", ColumnTransformer(features)),
            # The graph computes in float32, so the trees must be grown on it.
            ("float32", CastTransformer(dtype=np.float32)),
            ("boosting", boosting(plan.seed)),
        ]
    )


def boosting(seed: int) -> LGBMClassifier:
    """Trees few enough to answer in microseconds; more of them gain nothing on later months."""
    return LGBMClassifier(
        n_estimators=100,
        num_leaves=31,
        learning_rate=0.1,
        min_child_samples=200,
        random_state=seed,
        deterministic=True,
        force_row_wise=True,
        # Two seconds either way, and threads wait for each other on a busy machine.
        n_jobs=1,
        verbose=-1,
    )


MODEL = Model(
    task="binary",
    fields=FIELDS,
    labels=("on_time", "delay"),
    read=only_sample(read_sample),
    split=by_time,
    pipeline=pipeline,
    situations=(
        Situation(name="schedule", description="schedule only", absent=("departure_delay", *WEATHER)),
        Situation(name="weather", description="with weather", absent=("departure_delay",)),
        Situation(name="departure_delay", description="with weather and departure delay"),
    ),
    gaps=(
        Gap(fields=("departure_delay",), share=0.5),
        Gap(fields=WEATHER, share=0.5),
        Gap(fields=("scheduled_arrival",), share=0.1),
        Gap(fields=("distance",), share=0.1),
    ),
    # A traveller warned for nothing waits; one not warned misses a connection.
    missed_cost=3,
    libraries=("lightgbm", "onnxmltools"),
)
