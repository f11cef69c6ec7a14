"""Batch scoring with the ONNX graph of a bundle, under the session options of serving."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import GenericAlias
from typing import Any

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bundle import EXECUTION_PROVIDERS, Columns, Field, Numerals, configure_session, row_type

BATCH_ROWS = 50_000


class GraphScorer:
    """ONNX Runtime session of one graph.

    Args:
        graph: Content of the ONNX file.
        fields: Fields of the graph's request row.
    """

    def __init__(self, graph: bytes, fields: Sequence[Field]) -> None:
        options = configure_session(onnxruntime.SessionOptions())
        self._session = onnxruntime.InferenceSession(graph, options, providers=EXECUTION_PROVIDERS)
        self._fields = tuple(fields)
        self._rows = GenericAlias(list, (row_type(fields),))
        self._columns = Columns(fields)
        self._numerals = Numerals(fields)

    def score(self, tensors: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Runs the graph on input tensors, in batches on all processors.

        Returns:
            Probabilities of shape (n, labels), or values of shape (n, 1).
        """
        rows = max(len(tensor) for tensor in tensors.values())
        batches = [slice(start, start + BATCH_ROWS) for start in range(0, rows, BATCH_ROWS)]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            outputs = threads.map(lambda batch: self._run({n: t[batch] for n, t in tensors.items()}), batches)
            return np.concatenate(list(outputs))

    def score_instances(self, instances: Sequence[Mapping[str, Any]]) -> NDArray[np.float32]:
        """Runs the graph on request rows, which are decoded and validated as serving does.

        Raises:
            msgspec.ValidationError: When a row does not fit the fields.
        """
        rows = msgspec.json.decode(msgspec.json.encode(instances), type=self._rows)
        values = zip(*map(self._numerals.read, map(msgspec.structs.astuple, rows)), strict=True)
        columns = {field.name: column for field, column in zip(self._fields, values, strict=True)}
        return self.score(self._columns.encode(columns, len(rows)))

    def _run(self, tensors: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        (output,) = self._session.run(None, tensors)
        return np.asarray(output, dtype=np.float32)
