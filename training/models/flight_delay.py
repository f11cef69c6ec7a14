"""Predicts whether a flight will arrive 15 minutes late or more."""

from typing import TYPE_CHECKING

from bundle import Columns
from training.data.split import by_time
from training.features.features import Features
from training.features.target_encoding import HOUR, Deviation
from training.fit_plan import Plan, overridden
from training.fitting.boosting import Boosting
from training.fitting.calibrated_pipeline import CalibratedPipeline
from training.flights.model_card import CARD, DEPARTURE_DELAY, SLICES
from training.flights.reader import flights_reader
from training.flights.request_fields import FIELDS, INBOUND_DELAY, WEATHER
from training.flights.sources.source import FLIGHT_SOURCES
from training.model import Gap, Model, QuantileTarget, Situation
from training.quantiles.quantile_boosting import QuantileBoosting
from training.quantiles.quantile_pipeline import QuantilePipeline

if TYPE_CHECKING:
    from optuna import Trial

# Reader of rows without their target; a program that only scores does not import this file.
UNLABELLED = "training.flights.unlabelled_flights:UnlabelledFlights"

PASSED = (
    "flight_date_day_of_week",
    "scheduled_departure_minutes",
    "scheduled_arrival_minutes",
    "distance",
    "departure_delay",
    *WEATHER,
    *INBOUND_DELAY,
)
RATES = (
    ("carrier",),
    ("origin",),
    ("destination",),
    ("origin", "destination"),
    ("origin", HOUR),
    ("destination", HOUR),
    ("carrier", "origin"),
    ("carrier", "destination"),
)
# Expected is the rate of the route, with the hour and the carrier at its origin and its destination in equal
# shares; an airport is subtracted as often as it is counted too often by these.
DEVIATIONS = (
    Deviation(
        key=("carrier", "origin", "destination", HOUR),
        expected={
            ("origin", "destination"): 1.0,
            ("origin", HOUR): 0.5,
            ("carrier", "origin"): 0.5,
            ("origin",): -1.0,
            ("destination", HOUR): 0.5,
            ("carrier", "destination"): 0.5,
            ("destination",): -1.0,
        },
        smoothing=100.0,
    ),
)
# Groups of fields that become known later.
LATER = (DEPARTURE_DELAY, WEATHER, INBOUND_DELAY)
PARAMETERS: dict[str, float] = {
    "smoothing": 200.0,
    "n_estimators": 100,
    "num_leaves": 31,
    "learning_rate": 0.1,
    "min_child_samples": 1_000,
    "max_bin": 63,
    "feature_fraction": 0.5,
    "lambda_l2": 0.0,
}


def space(trial: "Trial") -> dict[str, float]:
    """Suggests hyperparameters for tuning; trees are limited in number and size to keep predictions fast."""
    return {
        "n_estimators": trial.suggest_int("n_estimators", 60, 140, step=20),
        "num_leaves": trial.suggest_int("num_leaves", 15, 47),
        "learning_rate": trial.suggest_float("learning_rate", 0.05, 0.2, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 200, 5_000, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.3, 1.0),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.01, 100.0, log=True),
        "smoothing": trial.suggest_float("smoothing", 20.0, 1_000.0, log=True),
    }


def pipeline(columns: Columns, plan: Plan) -> CalibratedPipeline:
    """Returns gradient boosting on numbers and on delay rates by carrier, airport, route and hour.

    Month and day are left out: in data of one year they identify single days, which do not recur.
    """
    parameters = overridden(PARAMETERS, plan.parameters)
    features = _features(columns, parameters.pop("smoothing"))
    return CalibratedPipeline(
        [("features", features), ("boosting", Boosting(later=_later(columns), plan=plan, **parameters))]
    )


def _passed(columns: Columns) -> tuple[str, ...]:
    """The columns of numbers that the data have."""
    return tuple(name for name in PASSED if name in columns.numbers)


def _later(columns: Columns) -> tuple[tuple[int, ...], ...]:
    """Positions of the columns that become known later, by group."""
    passed = _passed(columns)
    return tuple(tuple(map(passed.index, group)) for group in LATER if group[0] in passed)


def _features(columns: Columns, smoothing: float) -> Features:
    return Features(
        numbers=columns.numbers,
        strings=columns.strings,
        passed=_passed(columns),
        date="flight_date",
        time="scheduled_departure_minutes",
        rates=RATES,
        deviations=DEVIATIONS,
        counts=(("origin", HOUR),),
        smoothing=smoothing,
    )


def quantile_pipeline(columns: Columns, plan: Plan) -> QuantilePipeline:
    """Returns gradient boosting of the delay's quantiles, on the same features."""
    features = _features(columns, PARAMETERS["smoothing"])
    boosting = QuantileBoosting(levels=QuantileTarget.levels, later=_later(columns), seed=plan.seed)
    return QuantilePipeline([("features", features), ("quantiles", boosting)])


MODEL = Model(
    task="binary",
    fields=FIELDS,
    labels=("on_time", "delay"),
    read=flights_reader(FIELDS),
    data=FLIGHT_SOURCES,
    reads_weather=True,
    split=by_time,
    pipeline=pipeline,
    space=space,
    situations=(
        Situation(
            name="schedule", description="schedule only", absent=(*WEATHER, *INBOUND_DELAY, *DEPARTURE_DELAY)
        ),
        Situation(
            name="weather",
            description="with weather",
            absent=(*INBOUND_DELAY, *DEPARTURE_DELAY),
            parts={"weather": WEATHER},
        ),
        Situation(
            name="inbound",
            description="with weather and inbound aircraft",
            absent=DEPARTURE_DELAY,
            parts={"weather": WEATHER, "inbound aircraft": INBOUND_DELAY},
        ),
        Situation(
            name="departure_delay",
            description="with weather, inbound aircraft and departure delay",
            parts={
                "weather": WEATHER,
                "inbound aircraft": INBOUND_DELAY,
                "departure delay": DEPARTURE_DELAY,
            },
        ),
    ),
    if_known=INBOUND_DELAY,
    gaps=(
        Gap(fields=("scheduled_arrival",), share=0.1),
        Gap(fields=("distance",), share=0.1),
    ),
    together={
        "destination and distance": ("destination", "distance"),
        "scheduled times": ("scheduled_departure", "scheduled_arrival"),
        "weather": WEATHER,
    },
    # A false alarm costs a traveller waiting time, a missed delay a connection.
    missed_cost=3,
    quantiles=QuantileTarget(
        name="minutes",
        description="the arrival delay in minutes, negative when the flight is early",
        unit="minutes",
        pipeline=quantile_pipeline,
    ),
    slices=SLICES,
    card=CARD,
    libraries=("lightgbm",),
)
