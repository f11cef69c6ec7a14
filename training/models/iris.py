"""Predicts the species of an iris from four measurements of its flower."""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bundle import Columns, Field
from training.data.data_options import only_sample
from training.data.dataset import Dataset
from training.data.split import by_label
from training.fit_plan import Plan
from training.model import Model
from training.model_card import ModelCard


def measurement(name: str, example: float) -> Field:
    """Returns the field of a length in centimetres."""
    return Field(
        name=name,
        type="number",
        minimum=0,
        maximum=30,
        unit="cm",
        description=f"{name.replace('_', ' ').capitalize()} of the flower.",
        example=example,
    )


FIELDS = (
    measurement("sepal_length", 5.9),
    measurement("sepal_width", 3.0),
    measurement("petal_length", 5.1),
    measurement("petal_width", 2.3),
)


def read_sample() -> Dataset:
    """Reads Fisher's 150 flowers from scikit-learn."""
    iris = load_iris()
    return Dataset(
        name="Fisher's iris flowers, from scikit-learn",
        columns={field.name: iris.data[:, position] for position, field in enumerate(FIELDS)},
        target=iris.target.astype(np.int64),
    )


def pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """Returns a support vector classifier with probabilities calibrated by cross-validation."""
    del columns
    folds = StratifiedKFold(5, shuffle=True, random_state=plan.seed)
    return Pipeline(
        [
            ("scale", StandardScaler()),
            ("classify", CalibratedClassifierCV(SVC(), cv=folds, ensemble=False)),
        ]
    )


MODEL = Model(
    task="multiclass",
    fields=FIELDS,
    labels=("setosa", "versicolor", "virginica"),
    read=only_sample(read_sample),
    split=by_label,
    pipeline=pipeline,
    card=ModelCard(
        title="Which species of iris is it?",
        use=("Demonstrating a model with three labels on a well-known data set.",),
        not_for=("Botany: the data hold three species, measured by one person in 1935 or before.",),
        gaps=("The test rows are 30 flowers: one more correct prediction is three points of accuracy.",),
    ),
)
