"""Prediction with the graph of a bundle, for the other servers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnxruntime

from benchmarks.contenders.prediction import prediction
from bundle import EXECUTION_PROVIDERS, Columns, configure_session, read_directory


class Scorer:
    """Predicts rows with the same columns, graph and number of threads as this project.

    Attributes:
        fields: Fields of the request row.
        identity: Name and version of the model.
        has_labels: Whether the model predicts classes.
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
        """Returns one prediction for each row."""
        columns = {name: [row.get(name) for row in rows] for name in self._names}
        (output,) = self._session.run(None, self._columns.encode(columns, len(rows)))
        return [prediction(values, self._labels, self._threshold) for values in output.tolist()]

    def respond(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Returns the response body for rows."""
        return {"predictions": self.predict(rows), "model": self.identity}
