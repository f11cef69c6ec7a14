"""Predictions of an imported graph before its composition, by ONNX Runtime."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.errors import TrainingError
from training.importing.column_matching import Matching
from training.importing.graphs.foreign_graph import ForeignGraph, ForeignInput, open_session, runtime_reason


class OriginalGraph:
    """The graph of a model as its file has it.

    Args:
        graph: The graph.
        matching: Columns of its inputs.
    """

    def __init__(self, graph: ForeignGraph, matching: Matching) -> None:
        self._graph, self._matching = graph, matching
        self._session = open_session(graph.untouched)

    def outputs(self, rows: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        """Runs the graph on columns by their name, strings as objects and numbers as float64.

        Raises:
            TrainingError: When it fails.
        """
        feeds = {one.name: self._feed(one, rows) for one in self._graph.inputs}
        size = len(next(iter(rows.values())))
        batch = self._graph.batch or size
        parts = [self._run(feeds, start, batch) for start in range(0, size, batch)]
        names = [output.name for output in self._session.get_outputs()]
        return {name: _joined([part[at] for part in parts], size) for at, name in enumerate(names)}

    def _feed(self, one: ForeignInput, rows: Mapping[str, NDArray[Any]]) -> Any:
        columns = [rows[name] for name in self._matching.columns[one.name]]
        if one.kind == "string":
            columns = [np.where(pd.isna(column), "", column) for column in columns]
        return one.shaped(np.stack(columns, axis=1))

    def _run(self, feeds: Mapping[str, Any], start: int, batch: int) -> list[Any]:
        # The last batch of a fixed size is filled with its last row.
        size = len(next(iter(feeds.values())))
        places = np.minimum(np.arange(start, start + batch), size - 1)
        try:
            found = self._session.run(None, {name: feed[places] for name, feed in feeds.items()})
        except Exception as error:
            raise TrainingError(
                f"ONNX Runtime cannot run the model on rows {start} to {start + batch - 1} of the sample: "
                f"export it for any number of rows, or give rows as the model takes them. The reason is "
                f"{runtime_reason(error)}"
            ) from error
        return [*found]


def _joined(parts: list[Any], size: int) -> Any:
    if isinstance(parts[0], list):
        return [row for part in parts for row in part][:size]
    return np.concatenate([np.atleast_1d(part) for part in parts])[:size]
