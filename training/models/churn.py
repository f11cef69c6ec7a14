"""Predicts whether a customer of a telephone company will leave it."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from bundle import Columns, Field
from training.data.csv_table import TABLE_SOURCES, sample_or_table
from training.data.dataset import Dataset
from training.data.model_inputs import column_positions
from training.data.split import by_label
from training.features.scaling import TreeScaler
from training.fit_plan import Plan
from training.fitting.xgboost_classifier import DISTRIBUTION, boosted_trees
from training.model import Model

STATES = (
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV "
    "NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY"
)
# By time of day: mean and standard deviation of minutes, of calls, and dollars a minute.
USE = {
    "Day": (180, 54, 100, 20, 0.17),
    "Eve": (201, 51, 100, 20, 0.085),
    "Night": (201, 51, 100, 20, 0.045),
    "Intl": (10.2, 2.8, 4.5, 2.4, 0.27),
}


def amount(name: str, description: str, example: str, unit: str = "", whole: bool = False) -> Field:
    """Returns a number field that accepts text."""
    return Field(
        name=name,
        type="integer" if whole else "number",
        minimum=0,
        unit=unit,
        description=description,
        example=example,
        from_text=True,
    )


def code(name: str, description: str, example: str, pattern: str) -> Field:
    """Returns a string field with a pattern."""
    return Field(name=name, type="string", pattern=pattern, description=description, example=example)


def yes_no(name: str, description: str, example: str) -> Field:
    """Returns a yes or no field."""
    return Field(name=name, type="string", values=("no", "yes"), description=description, example=example)


def use(time: str, words: str, minutes: str, calls: str, charge: str) -> tuple[Field, ...]:
    """Returns the fields of one time of day: minutes, calls and charge."""
    return (
        amount(f"{time} Mins", f"Minutes of {words} calls.", minutes, unit="minutes"),
        amount(f"{time} Calls", f"Number of {words} calls.", calls, whole=True),
        amount(f"{time} Charge", f"What {words} calls cost.", charge, unit="dollars"),
    )


FIELDS = (
    code("State", "State the customer lives in.", "OH", "^[A-Z]{2}$"),
    amount("Account Length", "How long the account has been there.", "107", unit="days", whole=True),
    code("Area Code", "Area code of the telephone.", "415", "^[0-9]{3}$"),
    Field(
        name="Phone",
        type="string",
        required=False,
        ignored=True,
        max_length=32,
        description="The telephone's number, which says nothing and is not used.",
        example="371-7191",
    ),
    yes_no("Int'l Plan", "Whether there is a plan for calls abroad.", "no"),
    yes_no("VMail Plan", "Whether there is a plan for voice mail.", "yes"),
    amount("VMail Message", "Number of voice mails.", "26", whole=True),
    *use("Day", "daytime", "161.6", "123", "27.47"),
    *use("Eve", "evening", "195.5", "103", "16.62"),
    *use("Night", "night", "254.4", "103", "11.45"),
    *use("Intl", "international", "13.7", "3", "3.70"),
    amount("CustServ Calls", "Number of calls to the customer service.", "1", whole=True),
)


def read_sample() -> Dataset:
    """Generates 3,333 customers; one in seven leaves: high bills, service calls or an unsuitable plan."""
    random, rows = np.random.default_rng(0), 3_333
    columns = {
        "State": random.choice(STATES.split(), rows).astype(object),
        "Account Length": random.normal(101, 40, rows).round().clip(1),
        "Area Code": random.choice(["408", "415", "510"], rows, p=[0.25, 0.5, 0.25]).astype(object),
        "Int'l Plan": np.where(random.random(rows) < 0.1, "yes", "no").astype(object),
        "VMail Plan": np.where(random.random(rows) < 0.28, "yes", "no").astype(object),
        "CustServ Calls": random.poisson(1.56, rows).astype(float),
    }
    for time, (minutes, minutes_deviation, calls, calls_deviation, price) in USE.items():
        columns[f"{time} Mins"] = random.normal(minutes, minutes_deviation, rows).clip(0).round(1)
        columns[f"{time} Calls"] = random.normal(calls, calls_deviation, rows).round().clip(0)
        columns[f"{time} Charge"] = (columns[f"{time} Mins"] * price).round(2)
    has_mail, abroad = columns["VMail Plan"] == "yes", columns["Int'l Plan"] == "yes"
    columns["VMail Message"] = np.where(has_mail, random.normal(29, 7, rows).round().clip(1), 0)
    bill = sum(columns[f"{time} Charge"] for time in USE)
    trouble = 4.0 * (columns["CustServ Calls"] >= 4) + 4.0 * (bill > 70) * ~has_mail
    plan = abroad * (1.0 + 4.0 * (columns["Intl Mins"] > 13) + 3.0 * (columns["Intl Calls"] <= 2))
    leaves = random.random(rows) < 1 / (1 + np.exp(3.7 - trouble - plan))
    return Dataset(
        name="3,333 generated customers of a telephone company", columns=columns, target=leaves.astype(int)
    )


def pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """Returns gradient boosting on scaled numbers and one-hot encoded strings."""
    # Dense, because XGBoost reads the zeros of a sparse matrix as absent values.
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    features = [
        ("numbers", TreeScaler(), column_positions(columns, columns.numbers)),
        ("words", words, column_positions(columns, columns.strings)),
    ]
    parameters = {"n_estimators": 100, "max_depth": 4, "learning_rate": 0.1, "min_child_weight": 3}
    trees = boosted_trees(plan.seed, **{**parameters, **plan.parameters})
    return Pipeline([("features", ColumnTransformer(features)), ("trees", trees)])


MODEL = Model(
    task="binary",
    fields=FIELDS,
    labels=("False", "True"),
    read=sample_or_table(
        read_sample, fields=FIELDS, target="Churn?", labels={"False.": 0, "True.": 1, "False": 0, "True": 1}
    ),
    data=TABLE_SOURCES,
    split=by_label,
    pipeline=pipeline,
    # A plan for voice mail has messages, and a charge follows from the minutes.
    together={
        "voice mail": ("VMail Plan", "VMail Message"),
        "daytime calls": ("Day Mins", "Day Calls", "Day Charge"),
        "evening calls": ("Eve Mins", "Eve Calls", "Eve Charge"),
        "night calls": ("Night Mins", "Night Calls", "Night Charge"),
        "international calls": ("Intl Mins", "Intl Calls", "Intl Charge"),
    },
    # Losing a customer costs more than an offer to one who would have stayed; the threshold is 0.39.
    missed_cost=61 / 39,
    libraries=("onnxmltools", DISTRIBUTION),
)
