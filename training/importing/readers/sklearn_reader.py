"""Reader of fitted scikit-learn pipelines: skops files, and with trust joblib and pickle files."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import joblib
from sklearn import __version__ as sklearn_version
from sklearn.exceptions import InconsistentVersionWarning

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.importing.readers.foreign_model import ForeignModel
from training.importing.readers.sklearn_conversion import sklearn_model
from training.importing.sample import Sample

# Types that skops does not know, and whose loading runs no code of the file.
_HARMLESS = frozenset({"numpy.dtype", "collections.OrderedDict", "collections.defaultdict"})


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
    with _loading(path) as notes:
        unknown = get_untrusted_types(file=path)
        if (strange := [name for name in unknown if name not in _HARMLESS]) and not trust:
            raise TrainingError(
                f"{path} has the types {', '.join(strange[:5])}, which skops does not know to be safe: give "
                "--trust if you know who made the file."
            )
        loaded = load(path, trusted=unknown)
        model = sklearn_model(loaded, sample, origin="skops file of scikit-learn")
    return replace(model, notes=(*notes, *model.notes))


def read_pickle(path: Path, sample: Sample, *, trust: bool) -> ForeignModel:
    """Reads a file of joblib or pickle.

    Raises:
        TrainingError: As `read_skops`.
    """
    if not trust:
        raise TrainingError(
            f"{path} is a pickle, and loading one runs whatever code its author put into it: save the "
            "pipeline with skops (skops.io.dump(pipeline, 'model.skops')), or give --trust if you know who "
            "made it."
        )
    with _loading(path) as notes:
        model = sklearn_model(joblib.load(path), sample, origin="pickle of scikit-learn")
    return replace(model, notes=(*notes, *model.notes))


@contextmanager
def _loading(path: Path) -> Iterator[list[str]]:
    """Yields notes on other versions; makes one sentence of the errors of loading."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            yield notes
        except TrainingError:
            raise
        except Exception as error:
            raise TrainingError(
                f"{path} cannot be loaded with scikit-learn {sklearn_version}: it is truncated, or needs the "
                "versions and modules it was made with; export it to ONNX there (skl2onnx.to_onnx), and "
                f"import that file. The reason is {reason_of(error)}"
            ) from error
    versions = {
        one.message.original_sklearn_version
        for one in found
        if isinstance(one.message, InconsistentVersionWarning)
    }
    notes += [
        f"The model was made with scikit-learn {version} and was loaded with {sklearn_version}; its "
        "predictions are those of the latter."
        for version in sorted(versions)
    ]
