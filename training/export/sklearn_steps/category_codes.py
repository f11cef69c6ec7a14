"""Encoders of categories as operators of ONNX: ordinals, one-hot codes with rare categories, means."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx import _parse
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from training.export.graphs.graph_builder import GraphBuilder
from training.export.sklearn_steps.conditional_converter import ConditionalConverter

# Of each feature: a row for each category, the row of an unknown one, and the columns that it makes.
_Tables = list[tuple[NDArray[np.float64], NDArray[np.float64]]]


def _has_tables(operator: Any) -> bool:
    """Whether skl2onnx leaves out what a OneHotEncoder does: rare categories, and numbers with fractions."""
    encoder = operator.raw_operator
    is_rare = any(places is not None for places in getattr(encoder, "_infrequent_indices", ()))
    return is_rare or any(one.dtype.kind == "f" and (one % 1 != 0).any() for one in encoder.categories_)


def _rare_tables(encoder: Any) -> _Tables:
    """Returns the one-hot codes of each feature's categories, where the rare ones share the last column."""
    found = []
    for at, categories in enumerate(encoder.categories_):
        places = encoder._default_to_infrequent_mappings[at] if encoder._infrequent_enabled else None
        places = np.arange(len(categories)) if places is None else places
        codes = np.eye(int(places.max()) + 1)
        unknown = np.zeros(len(codes))
        is_rare = encoder._infrequent_enabled and encoder._infrequent_indices[at] is not None
        if encoder.handle_unknown in ("infrequent_if_exist", "warn") and is_rare:
            unknown = codes[-1]
        kept = np.ones(len(codes), dtype=bool)
        if encoder.drop_idx_ is not None and encoder._drop_idx_after_grouping[at] is not None:
            kept[encoder._drop_idx_after_grouping[at]] = False
        found.append((codes[places][:, kept], unknown[kept]))
    return found


def _mean_tables(encoder: Any) -> _Tables:
    """Returns the means of each label for each feature's categories."""
    labels = len(encoder.classes_)
    means = np.ravel(encoder.target_mean_)
    places = range(0, len(encoder.encodings_), labels)
    return [(np.stack(encoder.encodings_[at : at + labels], axis=1), means) for at in places]


def _ordinal_tables(encoder: Any) -> _Tables:
    """Returns the code of each feature's categories, of which an absent value may be one."""
    is_known = encoder.handle_unknown == "use_encoded_value"
    unknown = np.array([float(encoder.unknown_value) if is_known else np.nan])
    found = []
    for at, categories in enumerate(encoder.categories_):
        places = encoder._default_to_infrequent_mappings[at] if encoder._infrequent_enabled else None
        codes = np.arange(len(categories), dtype=np.float64)
        if places is not None:
            # An absent value, the last category, is never among the rare ones.
            codes[: len(places)] = places
        if (absent := encoder._missing_indices.get(at)) is not None:
            codes[absent] = encoder.encoded_missing_value
        found.append((codes.reshape(-1, 1), unknown))
    return found


def _tables(encoder: Any) -> _Tables:
    kinds = {OneHotEncoder: _rare_tables, OrdinalEncoder: _ordinal_tables, TargetEncoder: _mean_tables}
    return kinds[type(encoder)](encoder)


def _shapes(operator: Any) -> None:
    width = sum(len(unknown) for _, unknown in _tables(operator.raw_operator))
    operator.outputs[0].type = FloatTensorType([None, width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    encoder, graph = operator.raw_operator, GraphBuilder(scope, container)
    parts = [
        _looked_up(graph, column, categories, table, unknown)
        for column, categories, (table, unknown) in zip(
            _columns(graph, operator), encoder.categories_, _tables(encoder), strict=True
        )
    ]
    graph.add("Concat", parts, output=operator.outputs[0].full_name, axis=1)


def _columns(graph: GraphBuilder, operator: Any) -> Iterator[tuple[str, bool]]:
    """Yields each feature as a column of shape (rows, 1), and whether it has words."""
    for one in operator.inputs:
        has_words = isinstance(one.type, StringTensorType)
        width = one.type.shape[1] or 1
        for place in range(width):
            yield (one.full_name if width == 1 else graph.gather(one.full_name, [place])), has_words


def _looked_up(
    graph: GraphBuilder, column: tuple[str, bool], categories: Any, table: Any, unknown: Any
) -> str:
    """Adds the row of each value's category, or the one of unknown categories."""
    name, has_words = column
    count = len(categories)
    rows = np.vstack([table, unknown])
    if has_words:
        keys = [str(category).encode() for category in categories]
        place = graph.add(
            "LabelEncoder", [name], keys_strings=keys, values_int64s=[*range(count)], default_int64=count
        )
    else:
        place = _place_of_number(graph, name, np.asarray(categories, dtype=np.float64))
    values = graph.constant(TensorProto.FLOAT, list(rows.shape), rows.ravel().tolist())
    flat = graph.add("Reshape", [place, graph.constant(TensorProto.INT64, [1], [-1])])
    return graph.add("Gather", [values, flat], axis=0)


def _place_of_number(graph: GraphBuilder, name: str, categories: NDArray[np.float64]) -> str:
    """Adds the position of the category that a number equals; the number of categories where none does."""
    number = graph.add("Cast", [name], to=TensorProto.FLOAT)
    known = np.nan_to_num(categories, nan=np.inf).tolist()
    is_one = graph.add("Equal", [number, graph.constant(TensorProto.FLOAT, [1, len(known)], known)])
    if np.isnan(categories).any():
        is_nan = graph.constant(TensorProto.BOOL, [1, len(known)], np.isnan(categories).tolist())
        absent = graph.add("And", [graph.add("IsNaN", [number]), is_nan])
        is_one = graph.add("Or", [is_one, absent])
    found = graph.add("Cast", [is_one], to=TensorProto.INT64)
    axes = graph.constant(TensorProto.INT64, [1], [1])
    best = graph.add("ArgMax", [found], axis=1, keepdims=1)
    is_known = graph.add("Cast", [graph.add("ReduceMax", [found, axes], keepdims=1)], to=TensorProto.BOOL)
    return graph.add("Where", [is_known, best, graph.constant(TensorProto.INT64, [1], [len(known)])])


_RARE_CATEGORIES = ConditionalConverter(OneHotEncoder, applies=_has_tables, shapes=_shapes, convert=_convert)
_ORDINALS = ConditionalConverter(OrdinalEncoder, applies=lambda _: True, shapes=_shapes, convert=_convert)
_MEANS_OF_LABELS = ConditionalConverter(
    TargetEncoder,
    applies=lambda operator: operator.raw_operator.target_type_ == "multiclass",
    shapes=_shapes,
    convert=_convert,
)


def register_category_converters() -> None:
    """Registers the converters."""
    # Words and numbers of one encoder would become one tensor of words.
    if TargetEncoder not in _parse.do_not_merge_columns:
        _parse.do_not_merge_columns += (TargetEncoder,)
    _RARE_CATEGORIES.register()
    _MEANS_OF_LABELS.register()
    _ORDINALS.register()
