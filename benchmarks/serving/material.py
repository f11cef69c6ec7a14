"""What every contender is given: the same bundle, the same rows, and for the classic the pipeline itself."""

import json
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]  # it has no types
import numpy as np

from bundle import read_archive
from training.catalog import load_model
from training.data.data_request import DataRequest
from training.data.split import Split
from training.fitting.fit import fit
from training.model import Model
from training.plan import Plan

BATCH_ROWS = 1_000


@dataclass(frozen=True, kw_only=True)
class Material:
    """A folder every contender reads from.

    Attributes:
        folder: Holds `model/` (the unpacked bundle, as SageMaker lays it), pipeline.joblib and rows.json.
        rows: 1,000 request rows the model never learned from, in all its situations.
        fields: Names of the request row's fields, in order.
        label: Name and version of the model, for people.
    """

    folder: Path
    rows: list[dict[str, Any]]
    fields: tuple[str, ...]
    label: str


def prepare(model: str, root: Path) -> Material:
    """The material for a model, made anew when its bundle is another one than the last time.

    Raises:
        BundleError: When the bundle cannot be read.
        TrainingError: When the pipeline cannot be fitted again.
    """
    archive = root / model / "model.tar.gz"
    bundle = read_archive(archive)
    manifest = bundle.manifest
    folder = root / "bench" / f"{model}-{bundle.digest[:12]}"
    rows = folder / "rows.json"
    if not rows.exists():
        _make(model, archive, folder)
    return Material(
        folder=folder,
        rows=json.loads(rows.read_text()),
        fields=tuple(field.name for field in manifest.fields),
        label=f"{manifest.name} {manifest.version}",
    )


def _make(name: str, archive: Path, folder: Path) -> None:
    print(f"fitting the pipeline of {name}, once for this bundle", file=sys.stderr, flush=True)
    (folder / "model").mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "model", filter="data")
    model = load_model(name)
    plan = Plan()
    split = model.split(model.read(DataRequest()), plan.seed)
    joblib.dump(fit(model, split.train, plan).pipeline, folder / "pipeline.joblib")
    # The last file, so that a half-made folder is made again.
    (folder / "rows.json").write_text(json.dumps(_rows(model, split)))


def _rows(model: Model, split: Split) -> list[dict[str, Any]]:
    names = [field.name for field in model.fields]
    known = [[name for name in names if name not in situation.absent] for situation in model.situations]
    chosen = np.linspace(0, len(split.test) - 1, BATCH_ROWS).astype(int)
    return [split.test.instance(row, known[position % len(known)]) for position, row in enumerate(chosen)]
