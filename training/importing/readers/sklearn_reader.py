"""Reader of fitted scikit-learn pipelines: skops files, and with trust joblib and pickle files."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import xgboost
from sklearn import __version__ as sklearn_version
from sklearn.exceptions import InconsistentVersionWarning

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.importing.readers.foreign_model import ForeignModel
from training.importing.readers.lightgbm_reader import lightgbm_model
from training.importing.readers.sklearn_conversion import sklearn_model
from training.importing.readers.xgboost_reader import booster_model
from training.importing.sample import Sample

# Types that skops does not know, and whose loading runs no code of the file.
_HARMLESS = frozenset({"numpy.dtype", "collections.OrderedDict", "collections.defaultdict"})
# Export to ONNX by libraries that are not installed here: the function or command of each.
_EXPORTS = {
    "catboost": "save_model('model.onnx', format='onnx')",
    "torch": "torch.onnx.export",
    "keras": "model.export('model.onnx', format='onnx')",
    "tensorflow": "python -m tf2onnx.convert",
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
        loaded = load(path, trusted=unknown)
        return sklearn_model(loaded, sample, origin="skops file of scikit-learn", made_with=_version(found))


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
    with _loading(path) as found:
        loaded: Any = joblib.load(path)
        if isinstance(loaded, lightgbm.Booster):
            return lightgbm_model(loaded, loaded.dump_model())
        if isinstance(loaded, xgboost.Booster):
            return booster_model(loaded)
        return sklearn_model(loaded, sample, origin="pickle of scikit-learn", made_with=_version(found))


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
                f"{path} needs the module {error.name!r}, which is not installed here: export the model to "
                f"ONNX where it was made ({_EXPORTS.get(error.name or '', 'skl2onnx.to_onnx')}), and import "
                "that file."
            ) from error
        except Exception as error:
            raise TrainingError(
                f"{path} cannot be loaded with scikit-learn {sklearn_version}: it is truncated, or needs the "
                "versions and modules it was made with; export it to ONNX there (skl2onnx.to_onnx), and "
                f"import that file. The reason is {reason_of(error)}"
            ) from error


def _version(found: Sequence[warnings.WarningMessage]) -> str:
    """Returns the other version of scikit-learn that made the file; "" for the version that is installed."""
    versions = {
        one.message.original_sklearn_version
        for one in found
        if isinstance(one.message, InconsistentVersionWarning)
    }
    return ", ".join(sorted(versions))
