"""Catalog of models: each is one file in training/models, and imports its libraries."""

import ast
import atexit
import gc
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from bundle.rows import broken_rules, rule_contradictions, value_type
from training import models
from training.errors import TrainingError

if TYPE_CHECKING:
    # Listing the models must not wait for scikit-learn.
    from training.model import Model


def model_names() -> list[str]:
    """Lists the models by the names of their files."""
    return sorted(module.name for module in pkgutil.iter_modules(models.__path__))


def summary(name: str) -> str:
    """Reads the first line of the docstring of a model's file, without importing the file."""
    return (ast.get_docstring(_model_file(name)) or "").partition("\n")[0]


def unlabelled_reader(name: str) -> Callable[[], Any] | None:
    """Returns a function that imports the class that reads a model's rows without their target.

    A model's file, which is not imported, names the class as `UNLABELLED = "module:class"`. None where there
    is no such model or name: the rows of such a model have the names of its fields.
    """
    for node in _model_file(name).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "UNLABELLED":
            module, _, found = str(ast.literal_eval(node.value)).partition(":")
            return lambda: getattr(importlib.import_module(module), found)
    return None


def _model_file(name: str) -> ast.Module:
    """Parses the file of a model, which may be in a zip; an empty one where there is none."""
    spec = importlib.util.find_spec(f"{models.__name__}.{name}")
    read = getattr(spec.loader, "get_source", None) if spec else None
    return ast.parse(read(f"{models.__name__}.{name}") if read else "")


def data_sources(name: str) -> tuple[str, ...]:
    """Lists the forms of `--data` for a model, the default first.

    Raises:
        TrainingError: When a library of the model is missing.
    """
    return load_model(name).data


def load_model(name: str) -> "Model":
    """Imports the model of that name.

    Raises:
        TrainingError: When a library of the model is missing, or a field refuses its own example.
    """
    try:
        with importing_libraries():
            module = importlib.import_module(f"{models.__name__}.{name}")
    except (ImportError, OSError) as error:
        raise TrainingError(
            f"The model {name} cannot be loaded ({error}): run `pip install -r requirements.txt`; "
            "LightGBM also needs the system's OpenMP library (Debian: libgomp1, macOS: libomp)."
        ) from error
    model: Model = module.MODEL
    check_examples(model)
    return model


@contextmanager
def importing_libraries() -> Iterator[None]:
    """Imports libraries without the garbage collector, of which scikit-learn's and ONNX's take a second.

    What they create is no garbage, and the collector would go through it time and again: a fifth of the
    processor time of these imports.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        _freeze()
        gc.enable()


@cache
def _freeze() -> None:
    """Hides all objects from the garbage collector; only once, because later ones may be garbage."""
    gc.freeze()
    # Otherwise DuckDB reports objects that are never collected as leaks.
    atexit.register(gc.unfreeze)


def check_examples(model: "Model") -> None:
    """Raises TrainingError when a field refuses its own example, which the documents of the API show.

    The examples together are a row, so they must keep the rules of rows too.
    """
    for sentence in rule_contradictions(model.fields):
        raise TrainingError(f"The model {sentence}: correct the field.")
    row = {}
    for field in model.fields:
        try:
            row[field.name] = msgspec.convert(field.example, value_type(field), strict=not field.from_text)
        except msgspec.ValidationError as error:
            raise TrainingError(
                f"The field {field.name!r} refuses its own example {field.example!r} ({error}): correct one "
                "of them."
            ) from error
    for name in sorted(broken_rules(model.fields, row)):
        raise TrainingError(
            f"The examples of the fields break a rule of the field {name!r}: correct one of them."
        )
