"""The folder of a function's zip, with the files that a deployment writes beside the code."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacks.settings.settings import ROOT

Models = Mapping[str, Mapping[str, Any]]


def write_invoker(folder: Path, *, models: Models | None = None) -> Path:
    """Writes the package `invoker` into a folder, with models.json of several models; returns its path."""
    package = folder / "invoker"
    shutil.copytree(ROOT / "lambda_src" / "invoker", package, ignore=shutil.ignore_patterns("__pycache__"))
    if models:
        (package / "models.json").write_text(json.dumps(models), encoding="utf-8")
    return package


def write_checkout(root: Path, *, models: Models | None = None) -> None:
    """Writes lambda_src with the invoker into a folder, where it is imported as from the checkout."""
    source = root / "lambda_src"
    source.mkdir()
    (source / "__init__.py").touch()
    write_invoker(source, models=models)
