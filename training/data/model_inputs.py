"""A dataset as model inputs: the data frame of a scikit-learn pipeline, the tensors of an ONNX graph."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import NUMBERS, STRINGS, Columns, Field
from training.data.dataset import CLOCK, ColumnValues, Dataset, factorized


def graph_tensors(fields: Sequence[Field], dataset: Dataset) -> dict[str, NDArray[Any]]:
    """Encodes the rows as the graph's input tensors, equal to those that serving makes of them.

    Returns:
        `numbers`, float32 of shape (rows, number columns), NaN where absent; and `strings`, str objects of
        shape (rows, string columns), "" where absent. A tensor without columns is left out.
    """
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


def pipeline_frame(fields: Sequence[Field], dataset: Dataset) -> pd.DataFrame:
    """Encodes the rows as the pipeline's data frame: the columns of both tensors side by side.

    Numbers are float32. Strings are categories and texts are objects, "" where absent.
    """
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


def pipeline_column(fields: Sequence[Field], dataset: Dataset, column: str) -> pd.Series:
    """Encodes one column of the pipeline's data frame."""
    (field,) = (one for one in fields if column in (*Columns((one,)).numbers, *Columns((one,)).strings))
    values, size = dataset.columns.get(field.name), len(dataset)
    if values is None and column in Columns((field,)).numbers:
        # One NaN for all rows.
        return pd.Series(np.broadcast_to(np.float32(np.nan), size), copy=False)
    if field.type in ("string", "text"):
        return pipeline_frame((field,), dataset)[column]
    if field.type != "date":
        return pd.Series(_number_columns(field, values, size)[:, 0], copy=False)
    codes, encoded = _encoded_values(field, values, size)
    place = Columns((field,)).numbers.index(column)
    return pd.Series(encoded[NUMBERS][:, place][codes], copy=False)


def column_positions(columns: Columns, names: Iterable[str]) -> list[int]:
    """Positions of the named columns in the data frame: the ONNX converter selects columns by position."""
    order = (*columns.numbers, *columns.strings)
    return [order.index(name) for name in names]


def _numbers(fields: Sequence[Field], dataset: Dataset) -> NDArray[np.float32]:
    # Column-major, because it is filled and read column by column.
    table = np.empty((len(dataset), len(Columns(fields).numbers)), dtype=np.float32, order="F")
    end = 0
    for field, name in _encoded_as(NUMBERS, fields):
        start, end = end, end + len(Columns((field,)).numbers)
        table[:, start:end] = _number_columns(field, dataset.columns.get(name), len(dataset))
    return table


def _number_columns(field: Field, values: ColumnValues | None, size: int) -> NDArray[np.float32]:
    if values is not None and field.is_number:
        return np.asarray(values, dtype=np.float32).reshape(-1, 1)
    if isinstance(values, pd.Categorical) and field.type == "time" and values.categories.equals(CLOCK):
        minutes: NDArray[np.float32] = values.codes.astype(np.float32)
        minutes[values.codes < 0] = np.nan
        return minutes.reshape(-1, 1)
    numbers: NDArray[np.float32] = _spread(field, values, size)[NUMBERS]
    return numbers


def _encoded_as(tensor: str, fields: Sequence[Field]) -> list[tuple[Field, str]]:
    of_field = {field.name: Columns((field,)) for field in fields}
    wanted = {name: one.strings if tensor == STRINGS else one.numbers for name, one in of_field.items()}
    return [(field, field.name) for field in fields if wanted[field.name]]


def _spread(field: Field, values: ColumnValues | None, size: int) -> dict[str, Any]:
    """Copies the encoding of each distinct value of a field to its rows."""
    codes, encoded = _encoded_values(field, values, size)
    return {name: tensor[codes] for name, tensor in encoded.items()}


def _encoded_values(
    field: Field, values: ColumnValues | None, size: int
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Encodes each distinct value of a field once, as serving does; and the position of each row's value."""
    codes, distinct = (np.full(size, -1), []) if values is None else factorized(values)
    # The absent value stands last, where code -1 finds it.
    return codes, Columns((field,)).encode({field.name: [*distinct, None]}, len(distinct) + 1)


def _categories(values: ColumnValues | None, size: int) -> pd.Categorical:
    """Takes over a Categorical's codes, or encodes objects; the category "" stands for absent."""
    if isinstance(values, pd.Categorical):
        found = values
    else:
        codes, distinct = (np.full(size, -1), []) if values is None else factorized(values)
        found = pd.Categorical.from_codes(codes, pd.Index(distinct, dtype=object))
    if "" not in found.categories:
        found = found.add_categories([""])
    return found.fillna("") if (found.codes < 0).any() else found
