"""The bundle's graph behind plain rows, for the servers that are not ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnxruntime

from benchmarks.contenders.prediction import prediction
from bundle import EXECUTION_PROVIDERS, Columns, configure_session, read_directory


class Scorer:
    """Rows to predictions, with the same columns, the same graph and the same one thread as ours.

    Attributes:
        fields: The request row.
        identity: Name and version of the model.
        has_labels: Whether it predicts classes.
    """

    def __init__(self, folder: Path) -> None:
        bundle = read_directory(folder / "model")
        manifest = bundle.manifest
        self.fields = manifest.fields
        self.identity = {"name": manifest.name, "version": manifest.version}
        self._names = [field.name for field in manifest.fields]
        self._columns = Columns(manifest.fields)
        self._labels = manifest.labels
        self.has_labels = bool(manifest.labels)
        self._threshold = manifest.threshold
        options = configure_session(onnxruntime.SessionOptions())
        self._session = onnxruntime.InferenceSession(bundle.model, options, EXECUTION_PROVIDERS)

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One prediction a row."""
        columns = {name: [row.get(name) for row in rows] for name in self._names}
        (output,) = self._session.run(None, self._columns.encode(columns, len(rows)))
        return [prediction(values, self._labels, self._threshold) for values in output.tolist()]

    def answer(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """A response body."""
        return {"predictions": self.predict(rows), "model": self.identity}
