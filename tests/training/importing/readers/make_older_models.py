"""Makes pickles of earlier versions of scikit-learn in models/, each in an environment of its own.

    python -m venv older && older/bin/pip install scikit-learn==1.5.2 'numpy<2.3' 'pandas<3'
    older/bin/python tests/training/importing/readers/make_older_models.py

The versions of the tests are 1.3.2 (with numpy<2), 1.5.2 and 1.7.2.
"""

import json
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn import __version__
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FOLDER = Path(__file__).parents[1] / "models"
VISITS = ["shop", "age", "income"]
FORESTS = RandomForestClassifier(4, max_depth=4, random_state=0)
BOOSTING = HistGradientBoostingClassifier(max_iter=4, max_depth=3)
LINEAR = SGDClassifier(loss="log_loss", random_state=0)


def main() -> None:
    """Fits a pipeline with each last step, and writes it with the predictions of its first ten rows."""
    rows = pd.read_csv(FOLDER / "visits.csv")
    version = __version__.rpartition(".")[0]
    expected = {}
    for name, last in (("forest", FORESTS), ("boosting", BOOSTING), ("linear", LINEAR)):
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        columns = make_column_transformer(
            (encoder, ["shop"]),
            (
                make_pipeline(SimpleImputer(), StandardScaler()) if last is LINEAR else SimpleImputer(),
                VISITS[2:],
            ),
            remainder=StandardScaler() if last is LINEAR else "passthrough",
        )
        fitted = make_pipeline(columns, last).fit(rows[VISITS], rows["bought"])
        expected[_written(fitted, f"sklearn-{version}-{name}.joblib")] = fitted.predict_proba(
            rows[VISITS][:10]
        )
    texts = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(rows["shop"], rows["bought"])
    expected[_written(texts, f"sklearn-{version}-texts.joblib")] = texts.predict_proba(rows["shop"][:10])
    path = FOLDER / f"expected-sklearn-{version}.json"
    path.write_text(
        json.dumps({name: np.asarray(found).tolist() for name, found in expected.items()}), encoding="utf-8"
    )


def _written(fitted: object, name: str) -> str:
    joblib.dump(fitted, FOLDER / name, compress=9)
    return name


main()
