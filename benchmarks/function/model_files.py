"""The model of the benchmark as a bundle and as a pickled pipeline."""

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from bundle import Columns, Field, Manifest, read_archive
from training.data.data_options import DataOptions
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.model_catalog import load_model, model_names

_ROWS = 50
_SEED = 0
_OURS = "training."


@dataclass(frozen=True, kw_only=True)
class Material:
    """Model and rows for all functions.

    Attributes:
        folder: Folder with model.tar.gz for this project, and pipeline.pkl and about.json for the classic.
        label: Name and version of the model.
        rows: Request rows as JSON, from the test set.
    """

    folder: Path
    label: str
    rows: Sequence[str]


def encodable_models(count: int) -> list[str]:
    """Returns the names of the first models whose fields the classic can encode."""
    return [name for name in model_names() if not _dated(load_model(name).fields)][:count]


def prepare(name: str, folder: Path) -> Material:
    """Trains the model and writes both formats.

    Raises:
        BenchmarkError: The model has date or time fields, which the classic cannot encode without this
            project's code.
        TrainingError: The training fails.
    """
    command = [sys.executable, "-m", "training", name, "--out", str(folder), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    manifest = read_archive(folder / "model.tar.gz").manifest
    names = [field.name for field in manifest.fields]
    if dated := _dated(manifest.fields):
        raise BenchmarkError(
            f"{name} has date or time fields, which the classic cannot encode: {', '.join(dated)}."
        )
    model = load_model(name)
    data = model.read(DataOptions())
    split = model.split(data, _SEED)
    # The bundle has the fit on all rows.
    pipeline = fit(model, data, Plan(seed=_SEED)).pipeline
    with (folder / "pipeline.pkl").open("wb") as file:
        _PlainPickler(file).dump(pipeline)
    (folder / "about.json").write_text(json.dumps(_about(manifest)), encoding="utf-8")
    rows = [json.dumps(split.test.instance(row, names)) for row in range(min(_ROWS, len(split.test)))]
    return Material(folder=folder, label=f"{manifest.name} {manifest.version}", rows=rows)


class _PlainPickler(pickle.Pickler):
    """Pickles objects of training's subclasses as objects of scikit-learn's classes."""

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if isinstance(obj, type) or not kind.__module__.startswith(_OURS):
            return NotImplemented
        plain = next(base for base in kind.__mro__ if not base.__module__.startswith(_OURS))
        return plain.__new__, (plain,), obj.__dict__


def _dated(fields: Sequence[Field]) -> list[str]:
    return [field.name for field in fields if field.type in ("date", "time")]


def _about(manifest: Manifest) -> dict[str, object]:
    columns = Columns(manifest.fields)
    return {
        # In the column order of the fitted pipeline.
        "numbers": columns.numbers,
        "strings": columns.strings,
        "labels": manifest.labels,
        "threshold": manifest.threshold,
    }
