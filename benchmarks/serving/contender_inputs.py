"""Input of all contenders: the bundle, the rows, and the fitted pipeline for Flask."""

import hashlib
import json
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]  # it has no types
import numpy as np

import training
from bundle import read_archive
from training.data.data_options import DataOptions
from training.data.split import Split
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.model import Model
from training.model_catalog import load_model

BATCH_ROWS = 1_000
_TRAINING = Path(training.__file__).parent


@dataclass(frozen=True, kw_only=True)
class Material:
    """Model and rows for all contenders.

    Attributes:
        folder: Folder with `model/` (the unpacked bundle, as in SageMaker), pipeline.joblib and rows.json.
        rows: 1,000 request rows from the test set, in all situations of the model.
        fields: Names of the request row's fields, in order.
        label: Name and version of the model.
    """

    folder: Path
    rows: list[dict[str, Any]]
    fields: tuple[str, ...]
    label: str


def prepare(model: str, root: Path) -> Material:
    """Returns the material for a model; makes it again if the bundle or the code of training has changed.

    Raises:
        BundleError: The bundle cannot be read.
        TrainingError: The pipeline cannot be fitted again.
    """
    archive = root / model / "model.tar.gz"
    bundle = read_archive(archive)
    manifest = bundle.manifest
    folder = root / "bench" / f"{model}-{bundle.digest[:12]}-{_code_digest()}"
    rows = folder / "rows.json"
    if not rows.exists():
        _make(model, archive, folder)
    return Material(
        folder=folder,
        rows=json.loads(rows.read_text(encoding="utf-8")),
        fields=tuple(field.name for field in manifest.fields),
        label=f"{manifest.name} {manifest.version}",
    )


def _code_digest() -> str:
    """Returns a digest of the code of training: a pickle names modules, and cannot be loaded without them."""
    found = hashlib.sha256()
    for file in sorted(_TRAINING.rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()[:12]


def _make(name: str, archive: Path, folder: Path) -> None:
    print(
        f"fitting the pipeline of {name}, once for this bundle and code",
        file=sys.stderr,
        flush=True,
    )
    (folder / "model").mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "model", filter="data")
    model = load_model(name)
    plan = Plan()
    data = model.read(DataOptions())
    split = model.split(data, plan.seed)
    model = model.of_fields(split.train.known_fields).of_data(split)
    # The bundle has the fit on all rows.
    joblib.dump(fit(model, data, plan).pipeline, folder / "pipeline.joblib")
    # Written last, so that an incomplete folder is made again.
    (folder / "rows.json").write_text(json.dumps(_rows(model, split)), encoding="utf-8")


def _rows(model: Model, split: Split) -> list[dict[str, Any]]:
    names = [field.name for field in model.fields]
    known = [[name for name in names if name not in situation.absent] for situation in model.situations]
    chosen = np.linspace(0, len(split.test) - 1, BATCH_ROWS).astype(int)
    return [split.test.instance(row, known[position % len(known)]) for position, row in enumerate(chosen)]
