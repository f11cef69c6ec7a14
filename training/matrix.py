"""A dataset as the matrix a scikit-learn pipeline takes."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from bundle import NUMBERS, STRINGS, Columns
from training.dataset import Dataset


def encode(columns: Columns, dataset: Dataset) -> dict[str, NDArray[Any]]:
    """The graph's input tensors, by the function that serving uses."""
    values = {name: column.tolist() for name, column in dataset.columns.items()}
    return columns.encode(values, len(dataset))


def frame(columns: Columns, tensors: dict[str, NDArray[Any]]) -> pd.DataFrame:
    """The tensors side by side: float32 columns, then columns of str objects."""
    parts = [
        pd.DataFrame(tensors[name], columns=list(names), dtype=dtype)
        for name, names, dtype in (
            (NUMBERS, columns.numbers, "float32"),
            (STRINGS, columns.strings, "object"),
        )
        if names
    ]
    return pd.concat(parts, axis=1)


def positions(columns: Columns, names: Iterable[str]) -> list[int]:
    """Where the named columns stand in the frame: the ONNX converter knows columns by position only."""
    order = (*columns.numbers, *columns.strings)
    return [order.index(name) for name in names]
