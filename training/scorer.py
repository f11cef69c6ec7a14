"""A bundle's graph, run as serving runs it."""

from collections.abc import Mapping, Sequence
from types import GenericAlias
from typing import Any

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bundle import Columns, Field, row_type


class Scorer:
    """ONNX Runtime over one graph.

    Args:
        graph: The ONNX file.
        fields: The request row it was made for.
    """

    def __init__(self, graph: bytes, fields: Sequence[Field]) -> None:
        options = onnxruntime.SessionOptions()
        # One thread adds floats in one order, so the figures are the same on every machine.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._fields = tuple(fields)
        self._rows = GenericAlias(list, (row_type(fields),))
        self._columns = Columns(fields)

    def score(self, tensors: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """The graph's output of these tensors: (n, classes) probabilities or (n, 1) values."""
        (output,) = self._session.run(None, dict(tensors))
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
        values = zip(*map(msgspec.structs.astuple, rows), strict=True)
        columns = {field.name: column for field, column in zip(self._fields, values, strict=True)}
        return self._columns.encode(columns, len(rows))
