"""Reader of fitted scikit-learn pipelines: skops files, and with trust joblib and pickle files."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import xgboost
from sklearn import __version__ as sklearn_version
from sklearn.exceptions import InconsistentVersionWarning

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.importing.graphs.label_names import label_text
from training.importing.older_versions.missing_attributes import brought_up_to_date
from training.importing.older_versions.missing_names import older_names
from training.importing.pipelines.sklearn_conversion import sklearn_model
from training.importing.pipelines.wrappers import without_wrappers
from training.importing.readers.foreign_model import ForeignModel
from training.importing.readers.lightgbm_reader import lightgbm_model
from training.importing.readers.mlflow_folder import AUTOGLUON
from training.importing.readers.xgboost_reader import xgboost_model
from training.importing.sample import Sample

# Types that skops does not know, and whose loading runs no code of the file.
_HARMLESS = frozenset(
    {
        "numpy.dtype",
        "collections.OrderedDict",
        "collections.defaultdict",
        "sklearn.compose._column_transformer._RemainderColsList",
    }
)
# Ways out for files of libraries that are not installed here.
_EXPORT = "export the model to ONNX where it was made ({}), and import that file"
_OF_MODULES = {
    "catboost": _EXPORT.format("save_model('model.onnx', format='onnx')"),
    "torch": _EXPORT.format("torch.onnx.export"),
    "keras": _EXPORT.format("model.export('model.onnx', format='onnx')"),
    "tensorflow": _EXPORT.format("python -m tf2onnx.convert"),
    "statsmodels": "fit the same columns in scikit-learn, whose coefficients are the same without a penalty "
    "(OLS: LinearRegression; Logit: LogisticRegression(C=numpy.inf); GLM: PoissonRegressor(alpha=0, "
    "solver='newton-cholesky'); a formula's categories: OneHotEncoder(drop='first')), and save that pipeline "
    "with skops",
    "imblearn": "save a pipeline without the steps that draw rows, which predictions do not use: "
    "sklearn.pipeline.Pipeline([one for one in model.steps if not hasattr(one[1], 'fit_resample')]); or "
    "train a forest of scikit-learn with class_weight='balanced_subsample'",
    "category_encoders": "fit it with the encoders of scikit-learn (OrdinalEncoder, OneHotEncoder, "
    "TargetEncoder), and save that pipeline",
    "feature_engine": "fit it with the encoders and imputers of scikit-learn, and save that pipeline",
    "flaml": "save the fitted estimator in it, automl.model.estimator, which takes the columns as numbers, "
    "and name its labels with --labels, in their order",
    "pycaret": "save its last step alone, joblib.dump(model.steps[-1][1], 'model.joblib'), and rows as this "
    "step gets them, model[:-1].transform(rows).to_csv('rows.csv', index=False); import both, with the "
    "labels in their order as --labels",
    "autogluon": f"it is a part of AutoGluon, {AUTOGLUON}",
    "tpot": "save the last step of its fitted_pipeline_ alone, joblib.dump(pipeline.steps[-1][1], "
    "'model.joblib'), and rows as this step gets them, by rows = step.transform(rows) for each step before "
    "it, pandas.DataFrame(rows).to_csv('rows.csv', index=False); import both",
    "dill": "save the model with joblib.dump(model, 'model.joblib')",
    "lz4": "save it again with another compression, such as joblib.dump(model, 'model.joblib', compress=3)",
    **dict.fromkeys(
        ("ngboost", "h2o", "interpret", "lifelines", "prophet", "sktime"),
        "it has no export to ONNX that predicts alone; train LightGBM, XGBoost or a pipeline of scikit-learn "
        "on the same columns, or the table itself with python -m training table",
    ),
}


def read_skops(path: Path, sample: Sample, *, trust: bool) -> ForeignModel:
    """Reads a skops file.

    Raises:
        TrainingError: When it is truncated, has unknown types and no trust, or holds no model to serve.
    """
    try:
        from skops.io import get_untrusted_types, load
    except ImportError as error:
        raise TrainingError(
            f"{path} is a skops file, and skops is not installed: run `pip install skops`."
        ) from error
    with _loading(path) as found:
        unknown = get_untrusted_types(file=path)
        if (strange := [name for name in unknown if name not in _HARMLESS]) and not trust:
            raise TrainingError(
                f"{path} has the types {', '.join(strange[:5])}, which skops does not know to be safe: give "
                "--trust if you know who made the file."
            )
        with older_names():
            loaded = load(path, trusted=unknown)
    return _converted(loaded, sample, origin="skops file of scikit-learn", made_with=_version(found))


def read_pickle(path: Path, sample: Sample, *, trust: bool) -> ForeignModel:
    """Reads a file of joblib or pickle: an estimator of scikit-learn, or a booster of LightGBM or XGBoost.

    Raises:
        TrainingError: As `read_skops`.
    """
    if not trust:
        raise TrainingError(
            f"{path} is a pickle, and loading one runs whatever code its author put into it: save the "
            "pipeline with skops (skops.io.dump(pipeline, 'model.skops')), or give --trust if you know who "
            "made it."
        )
    with _loading(path) as found, older_names():
        loaded: Any = joblib.load(path)
    return _converted(loaded, sample, origin="pickle of scikit-learn", made_with=_version(found))


def _converted(loaded: Any, sample: Sample, *, origin: str, made_with: str) -> ForeignModel:
    try:
        if made_with:
            loaded = brought_up_to_date(loaded)
        return _booster(loaded, sample) or sklearn_model(loaded, sample, origin=origin, made_with=made_with)
    except TrainingError:
        raise
    except Exception as error:
        raise TrainingError(
            f"The {type(loaded).__name__} of the file cannot be converted with scikit-learn "
            f"{sklearn_version}: it needs the versions and modules it was made with "
            f"(scikit-learn {made_with or sklearn_version}); export it to ONNX there (skl2onnx.to_onnx), and "
            f"import that file. The reason is {reason_of(error)}"
        ) from error


def _booster(loaded: Any, sample: Sample) -> ForeignModel | None:
    """Converts a booster, or an estimator of LightGBM or XGBoost that is no step; None for another model."""
    model, threshold = without_wrappers(loaded)
    if threshold is not None:
        return None
    found = None
    if isinstance(model, lightgbm.LGBMModel | lightgbm.Booster):
        booster = getattr(model, "booster_", model)
        found = lightgbm_model(booster, booster.dump_model(), sample)
    if isinstance(model, xgboost.XGBModel | xgboost.Booster):
        if not np.isnan(missing := getattr(model, "missing", np.nan)):
            raise TrainingError(
                f"The {type(model).__name__} was fitted with missing={missing}, and an absent value is NaN "
                f"here: fit it with NaN in place of {missing}."
            )
        booster = model if isinstance(model, xgboost.Booster) else model.get_booster()
        found = xgboost_model(booster, sample)
    labels = tuple(map(label_text, getattr(model, "classes_", ())))
    return found and replace(found, labels=labels or found.labels)


@contextmanager
def _loading(path: Path) -> Iterator[Sequence[warnings.WarningMessage]]:
    """Yields the warnings of loading; makes one sentence of its errors."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            yield found
        except TrainingError:
            raise
        except ModuleNotFoundError as error:
            raise TrainingError(
                f"{path} needs the module {error.name!r}, which is not installed here: "
                f"{_way_out(error.name or '')}."
            ) from error
        except Exception as error:
            if "LZ4 is not installed" in str(error):
                raise TrainingError(f"{path} is compressed with LZ4: {_OF_MODULES['lz4']}.") from error
            raise TrainingError(
                f"{path} cannot be loaded with scikit-learn {sklearn_version}: it is truncated, or needs the "
                "versions and modules it was made with; export it to ONNX there (skl2onnx.to_onnx), and "
                f"import that file. The reason is {reason_of(error)}"
            ) from error


def _way_out(module: str) -> str:
    return _OF_MODULES.get(module.partition(".")[0], _EXPORT.format("skl2onnx.to_onnx"))


def _version(found: Sequence[warnings.WarningMessage]) -> str:
    """Returns the other version of scikit-learn that made the file; "" for the version that is installed."""
    versions = {
        one.message.original_sklearn_version
        for one in found
        if isinstance(one.message, InconsistentVersionWarning)
    }
    return ", ".join(sorted(versions))
