"""The species of an iris, from four measurements of its flower."""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bundle import Columns, Field
from training.data.dataset import Dataset
from training.data.request import only_sample
from training.data.split import by_label
from training.model import Model
from training.model_card import ModelCard
from training.plan import Plan


def measurement(name: str, example: float) -> Field:
    """One length in centimetres."""
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
    """Fisher's 150 flowers, which scikit-learn carries."""
    iris = load_iris()
    return Dataset(
        name="Fisher's iris flowers, from scikit-learn",
        columns={field.name: iris.data[:, position] for position, field in enumerate(FIELDS)},
        target=iris.target.astype(np.int64),
    )


def pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """A support vector classifier; its probabilities are calibrated on scores of held-out rows."""
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
        use=("Showing three classes at work, from data everybody knows.",),
        not_for=("Botany: it knows three species, and flowers measured by one man in 1935 or before.",),
        gaps=("30 flowers were tested on, so one more or less of them right is three points of accuracy.",),
    ),
)
