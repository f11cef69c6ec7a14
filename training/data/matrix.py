"""A dataset as the matrix a scikit-learn pipeline takes, and as the tensors its graph takes."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import NUMBERS, STRINGS, Columns, Field
from training.data.dataset import Dataset, Values, factorized


def encode(fields: Sequence[Field], dataset: Dataset) -> dict[str, NDArray[Any]]:
    """The graph's input tensors, as serving makes them."""
    columns = Columns(fields)
    tensors: dict[str, NDArray[Any]] = {}
    if columns.numbers:
        tensors[NUMBERS] = _numbers(fields, dataset)
    if columns.strings:
        turned = np.empty((len(columns.strings), len(dataset)), dtype=object)
        for row, (field, name) in enumerate(_encoded_as(STRINGS, fields)):
            turned[row] = _spread(field, dataset.columns.get(name), len(dataset))[STRINGS][:, 0]
        tensors[STRINGS] = np.ascontiguousarray(turned.T)
    return tensors


def frame(fields: Sequence[Field], dataset: Dataset) -> pd.DataFrame:
    """The tensors' columns side by side: float32 ones, then str, "" where absent; texts are no categories."""
    columns = Columns(fields)
    rows = pd.DataFrame(
        _numbers(fields, dataset) if columns.numbers else None,
        index=pd.RangeIndex(len(dataset)),
        columns=list(columns.numbers),
        copy=False,
    )
    for field, name in _encoded_as(STRINGS, fields):
        values = dataset.columns.get(name)
        rows[name] = (
            _spread(field, values, len(dataset))[STRINGS][:, 0]
            if field.type == "text"
            else _categories(values, len(dataset))
        )
    return rows


def positions(columns: Columns, names: Iterable[str]) -> list[int]:
    """Where the named columns stand in the frame: the ONNX converter knows columns by position only."""
    order = (*columns.numbers, *columns.strings)
    return [order.index(name) for name in names]


def _numbers(fields: Sequence[Field], dataset: Dataset) -> NDArray[np.float32]:
    # Column by column in memory, as it is filled and as it is read.
    table = np.empty((len(dataset), len(Columns(fields).numbers)), dtype=np.float32, order="F")
    end = 0
    for field, name in _encoded_as(NUMBERS, fields):
        start, end = end, end + len(Columns((field,)).numbers)
        values = dataset.columns.get(name)
        table[:, start:end] = (
            np.asarray(values, dtype=np.float32).reshape(-1, 1)
            if field.is_number and values is not None
            else _spread(field, values, len(dataset))[NUMBERS]
        )
    return table


def _encoded_as(tensor: str, fields: Sequence[Field]) -> list[tuple[Field, str]]:
    of_field = {field.name: Columns((field,)) for field in fields}
    wanted = {name: one.strings if tensor == STRINGS else one.numbers for name, one in of_field.items()}
    return [(field, field.name) for field in fields if wanted[field.name]]


def _spread(field: Field, values: Values | None, size: int) -> dict[str, Any]:
    """One field's tensor: what serving makes of each distinct value, wherever it stands."""
    codes, distinct = (np.full(size, -1), []) if values is None else factorized(values)
    # The absent value stands last, where code -1 finds it.
    encoded = Columns((field,)).encode({field.name: [*distinct, None]}, len(distinct) + 1)
    return {name: tensor[codes] for name, tensor in encoded.items()}


def _categories(values: Values | None, size: int) -> pd.Categorical:
    codes, distinct = (np.full(size, -1), []) if values is None else factorized(values)
    known = list(dict.fromkeys([*distinct, ""]))
    absent = known.index("")
    return pd.Categorical.from_codes(np.where(codes < 0, absent, codes), pd.Index(known, dtype=object))
