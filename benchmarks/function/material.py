"""The same model for all: its bundle, and the pipeline it was made from as a pickle."""

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from bundle import Columns, Manifest, read_archive
from training.catalog import load_model
from training.data.data_request import DataRequest
from training.fitting.fit import fit
from training.plan import Plan

_ROWS = 50
_SEED = 0
_OURS = "training."


@dataclass(frozen=True, kw_only=True)
class Material:
    """What every function is given.

    Attributes:
        folder: Holds model.tar.gz for ours, pipeline.pkl and about.json for the classic.
        label: Name and version of the model, for people.
        rows: Request rows as JSON, none of which the model learned from.
    """

    folder: Path
    label: str
    rows: Sequence[str]


def prepare(name: str, folder: Path) -> Material:
    """Trains the model and keeps both forms of it.

    Raises:
        BenchmarkError: When a row of it is more than names and numbers or strings, which the classic's table
            would need our own code for.
        TrainingError: When it cannot be trained.
    """
    command = [sys.executable, "-m", "training", name, "--out", str(folder), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    manifest = read_archive(folder / "model.tar.gz").manifest
    names = [field.name for field in manifest.fields]
    if dated := [field.name for field in manifest.fields if field.type in ("date", "time")]:
        raise BenchmarkError(f"{name} has fields that a table needs code of ours for: {', '.join(dated)}.")
    model = load_model(name)
    split = model.split(model.read(DataRequest()), _SEED)
    pipeline = fit(model, split.train, Plan(seed=_SEED)).pipeline
    with (folder / "pipeline.pkl").open("wb") as file:
        _PlainPickler(file).dump(pipeline)
    (folder / "about.json").write_text(json.dumps(_about(manifest)))
    rows = [json.dumps(split.test.instance(row, names)) for row in range(min(_ROWS, len(split.test)))]
    return Material(folder=folder, label=f"{manifest.name} {manifest.version}", rows=rows)


class _PlainPickler(pickle.Pickler):
    """Has what training derives from scikit-learn's classes, to export it, be of those classes again."""

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if isinstance(obj, type) or not kind.__module__.startswith(_OURS):
            return NotImplemented
        plain = next(base for base in kind.__mro__ if not base.__module__.startswith(_OURS))
        return plain.__new__, (plain,), obj.__dict__


def _about(manifest: Manifest) -> dict[str, object]:
    columns = Columns(manifest.fields)
    return {
        # In the order that the pipeline was fitted in.
        "numbers": columns.numbers,
        "strings": columns.strings,
        "labels": manifest.labels,
        "threshold": manifest.threshold,
    }
