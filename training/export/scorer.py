"""A bundle's graph, run as serving runs it."""

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

ROWS_AT_ONCE = 50_000


class Scorer:
    """ONNX Runtime over one graph.

    Args:
        graph: The ONNX file.
        fields: The request row it was made for.
    """

    def __init__(self, graph: bytes, fields: Sequence[Field]) -> None:
        options = configure_session(onnxruntime.SessionOptions())
        self._session = onnxruntime.InferenceSession(graph, options, providers=EXECUTION_PROVIDERS)
        self._fields = tuple(fields)
        self._rows = GenericAlias(list, (row_type(fields),))
        self._columns = Columns(fields)
        self._numerals = Numerals(fields)

    def score(self, tensors: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """The graph's output of these tensors: (n, classes) probabilities or (n, 1) values."""
        rows = max(len(tensor) for tensor in tensors.values())
        parts = [slice(start, start + ROWS_AT_ONCE) for start in range(0, rows, ROWS_AT_ONCE)]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            scored = threads.map(lambda part: self._run({n: t[part] for n, t in tensors.items()}), parts)
            return np.concatenate(list(scored))

    def _run(self, tensors: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        (output,) = self._session.run(None, tensors)
        return np.asarray(output, dtype=np.float32)

    def score_instances(self, instances: Sequence[Mapping[str, Any]]) -> NDArray[np.float32]:
        """The graph's output of request rows, decoded and validated first.

        Raises:
            msgspec.ValidationError: When a row does not fit the fields.
        """
        return self.score(self.encode_instances(instances))

    def encode_instances(self, instances: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
        """The tensors of request rows, by way of JSON."""
        rows = msgspec.json.decode(msgspec.json.encode(instances), type=self._rows)
        values = zip(*map(self._numerals.read, map(msgspec.structs.astuple, rows)), strict=True)
        columns = {field.name: column for field, column in zip(self._fields, values, strict=True)}
        return self._columns.encode(columns, len(rows))
