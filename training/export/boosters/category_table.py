"""Table of a feature with categories: which of the sets of its splits have each category.

A split is a membership of a set. A chain of comparisons for each split would repeat the branches below it
for each category, so the memberships of a row are looked up before the trees, once for all splits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from training.export.graphs.graph_builder import GraphBuilder

# Stands for an absent code; no code of a category is negative.
_ABSENT = -(2**31)


@dataclass(frozen=True, kw_only=True)
class CategoryTable:
    """Columns of one feature that trees split.

    Attributes:
        feature: Number of the feature.
        keys: Its categories, as a request has them, in the order of their codes; None when a row has codes.
        sets: Sets of codes, a column each: 1 for a member, 0 for another category, NaN for an absent one.
        has_code: Whether the code, as a number, is a column before them.
    """

    feature: int
    keys: tuple[Any, ...] | None
    sets: tuple[frozenset[int], ...]
    has_code: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.has_code + len(self.sets)

    def rows(self, codes: Sequence[int]) -> NDArray[np.float32]:
        """Returns the columns of codes, and after them of an absent one; shape (codes + 1, width)."""
        found = np.full((len(codes) + 1, self.width), np.nan, dtype=np.float32)
        for column, members in enumerate(self.sets, start=self.has_code):
            found[:-1, column] = [code in members for code in codes]
        if self.has_code:
            found[:-1, 0] = codes
        return found


def keys_of(values: Sequence[Any], *, is_closed: bool = False) -> tuple[Any, ...]:
    """Returns values of categories as a request has them: numbers, or strings where no number field is exact.

    Args:
        values: The values.
        is_closed: Whether others are refused, which a field of whole numbers states by its range.
    """
    if all(isinstance(value, bool | int | float) for value in values):
        rounded = [float(np.float32(value)) for value in values]
        is_exact = all(
            isinstance(value, float) or value == one for value, one in zip(values, rounded, strict=True)
        )
        is_range = max(values) - min(values) == len(values) - 1
        if is_exact and len({*rounded}) == len(values) and (is_range or not is_closed):
            return tuple(rounded)
    return tuple(map(category_text, values))


def category_text(value: Any) -> str:
    """Returns a category as a string: a whole number without a decimal point."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value)


@dataclass(frozen=True, kw_only=True)
class CategoryLookup:
    """The place of each row's category in a table.

    Attributes:
        table: The table.
        rows: Its distinct rows: rare categories are often in the same sets.
        place: Name of the place of each row among them, int64 of shape (rows,).
    """

    table: CategoryTable
    rows: NDArray[np.float32]
    place: str

    def add_columns(self, graph: GraphBuilder, part: CategoryTable) -> str:
        """Adds the columns of a table with some of the sets, and returns their name."""
        places = {members: place for place, members in enumerate(self.table.sets, start=self.table.has_code)}
        columns = [0] * part.has_code + [places[members] for members in part.sets]
        rows = self.rows[:, columns]
        values = graph.constant(TensorProto.FLOAT, [*rows.shape], rows.ravel().tolist())
        return graph.add("Gather", [values, self.place], axis=0)


def add_lookup(graph: GraphBuilder, table: CategoryTable, column: str) -> CategoryLookup:
    """Adds the lookup of a column of shape (rows, 1) in a table."""
    if table.keys is None:
        rows, place = _place_of_code(graph, table, column)
    else:
        places, rows = _distinct(table.rows(range(len(table.keys))))
        given: dict[str, Any] = {"keys_floats": [*table.keys]}
        if isinstance(table.keys[0], str):
            given = {"keys_strings": [text.encode() for text in table.keys]}
        given |= {"values_int64s": places[:-1], "default_int64": places[-1]}
        place = graph.add("LabelEncoder", [column], **given)
    flat = graph.add("Reshape", [place, graph.constant(TensorProto.INT64, [1], [-1])])
    return CategoryLookup(table=table, rows=rows, place=flat)


def _place_of_code(graph: GraphBuilder, table: CategoryTable, column: str) -> tuple[NDArray[np.float32], str]:
    codes = [*sorted(frozenset().union(*table.sets)), _ABSENT]
    found = table.rows(codes)
    # The last but one is that of an absent code, the last that of a code in no set.
    found[-2], found[-1] = np.nan, 0
    places, rows = _distinct(found)
    number = graph.add("Cast", [column], to=TensorProto.FLOAT)
    absent = graph.constant(TensorProto.FLOAT, [1], [float(_ABSENT)])
    present = graph.add("Where", [graph.add("IsNaN", [number]), absent, number])
    place = graph.add(
        "LabelEncoder",
        [graph.add("Cast", [present], to=TensorProto.INT64)],
        keys_int64s=codes,
        values_int64s=places[:-1],
        default_int64=places[-1],
    )
    return rows, place


def _distinct(rows: NDArray[np.float32]) -> tuple[list[int], NDArray[np.float32]]:
    """Returns the position of each row among the distinct ones, and these: rare categories are equal."""
    found, places = np.unique(rows, axis=0, return_inverse=True, equal_nan=True)
    return places.reshape(-1).tolist(), found
