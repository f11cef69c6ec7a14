"""Rows that repeat: a graph of trees runs once for each distinct row, whose output the others get."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
from onnx import numpy_helper

from bundle import NUMBERS, Columns, Field
from scoring.fields.field_values import FieldValues
from scoring.fields.record_reader import ReadRecords
from scoring.graph_runs.answered_row_cache import KeptRows

# Rows after which the search ends unless so many of them repeat.
_TRIED_ROWS, _WORTHWHILE = 400_000, 0.3
# Operator of trees in a graph.
TREES = "TreeEnsembleRegressor"
# Odd multiplier of the golden ratio, as in Knuth's multiplicative hashing.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
# Numbers of values that share a word: a field with more values than rows are kept hardly repeats.
_CODES_A_WORD, _CODE_BITS = 3, 21
# Bits of a key that are not of the hash: the position of the row, so that sorting numbers sorts the rows.
_PLACE_BITS = 20


def used_numbers(model: bytes) -> frozenset[int] | None:
    """Returns the columns of `numbers` that a graph of trees reads; None for a graph of another form.

    Trees compare numbers, so the output of a row does not depend on the rows beside it.
    """
    graph = onnx.load_from_string(model).graph
    constants = {one.name: one for one in graph.initializer}
    used: set[int] = set()
    for node in graph.node:
        if NUMBERS not in node.input:
            continue
        attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        readers = [other for other in graph.node if node.output[0] in other.input]
        if node.op_type == "Gather" and attributes.get("axis") == 1 and node.input[1] in constants:
            used.update(numpy_helper.to_array(constants[node.input[1]]).ravel().tolist())
        elif node.op_type == "Concat" and attributes.get("axis") == 1 and node.input[0] == NUMBERS:
            if any(reader.op_type != TREES for reader in readers):
                return None
            used.update(*map(_features, readers))
        elif node.op_type == TREES:
            used.update(_features(node))
        else:
            return None
    return frozenset(used) if any(node.op_type == TREES for node in graph.node) else None


def _features(trees: Any) -> set[int]:
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in trees.attribute}
    modes, features = attributes["nodes_modes"], attributes["nodes_featureids"]
    return {feature for mode, feature in zip(modes, features, strict=True) if mode != b"LEAF"}


class RepeatedRows:
    """Outputs of distinct rows; several threads may use it.

    Args:
        fields: Fields of the model.
        used: Columns of `numbers` that its graph reads.
    """

    def __init__(self, fields: Sequence[Field], used: frozenset[int]) -> None:
        self._fields: dict[str, list[int]] = {}
        place = 0
        for field in fields:
            own = Columns([field])
            if field.ignored:
                continue
            # Columns of the field's tensor that the graph reads; of strings all.
            columns = [number for number in range(len(own.numbers)) if place + number in used]
            place += len(own.numbers)
            if own.strings or columns:
                self._fields[field.name] = columns if own.numbers else [0]
        self._codes: dict[str, dict[Any, int]] = {name: {} for name in self._fields}
        self._last: dict[str, tuple[Any, Any]] = {}
        # Of the last file: others rarely have columns of other fields.
        self._kept: dict[tuple[str, ...], KeptRows] = {}
        self._lock = Lock()
        self._tried = self._repeated = 0

    @property
    def is_worthwhile(self) -> bool:
        """Whether enough of the rows so far were repeated."""
        if any(len(known) > 1 << _CODE_BITS for known in self._codes.values()):
            return False
        return self._tried < _TRIED_ROWS or self._repeated > _WORTHWHILE * self._tried

    def outputs(self, read: ReadRecords, rows: Any, run: Callable[[Any], Any]) -> Any:
        """Returns the graph's output of rows.

        Args:
            read: Read rows.
            rows: Positions of the rows.
            run: Returns the graph's output of some of them.
        """
        # Fields without a column in the file are the same in all rows.
        names = tuple(name for name in self._fields if name in read.values)
        words = self._words(names, read.values, rows)
        if not len(rows) or len(rows) > 1 << _PLACE_BITS or not self.is_worthwhile:
            return run(rows)
        keys, order = _sorted_hashes(words)
        words = words.take(order, axis=1)
        begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        sizes = np.diff(begins, append=len(keys))
        known, kept = self._kept_of(names).find(keys.take(begins), words.take(begins, axis=1))
        new = begins[~known]
        outputs = run(rows.take(order.take(new)))
        distinct = np.empty((len(begins), outputs.shape[1]), outputs.dtype) if kept is None else kept
        distinct[~known] = outputs
        with self._lock:
            self._tried += len(rows)
            self._repeated += len(rows) - len(new)
            added = self._kept_of(names).with_rows(keys.take(new), words.take(new, axis=1), outputs)
            self._kept = {names: added}
        whole = np.empty((len(rows), outputs.shape[1]), outputs.dtype)
        whole[order] = np.repeat(distinct, sizes, axis=0)
        # Different rows may have one key.
        other = order[_differ(words, begins, sizes)]
        if len(other):
            whole[other] = run(rows[other])
        return whole

    def _kept_of(self, names: tuple[str, ...]) -> KeptRows:
        """Returns the kept rows of files with columns of some fields."""
        return self._kept.get(names, KeptRows())

    def _words(self, names: Sequence[str], values: Mapping[str, FieldValues], rows: Any) -> Any:
        """Returns the values of some fields of each row as a column of words, the same in every batch."""
        words = np.zeros((-(-len(names) // _CODES_A_WORD), len(rows)), np.uint64)
        for place, name in enumerate(names):
            word, shift = words[place // _CODES_A_WORD], np.uint64(place % _CODES_A_WORD * _CODE_BITS)
            word |= self._field_codes(name, values[name], rows) << shift
        return words

    def _field_codes(self, name: str, found: FieldValues, rows: Any) -> Any:
        """Returns one number for each value of a field, the same for the same value in every batch."""
        columns = self._fields[name]
        if found.codes is not None:
            # Batches without new values share their tensor.
            tensor, numbers = self._last.get(name, (None, None))
            if tensor is not found.tensor:
                numbers = self._numbered(name, found.tensor[:, columns])
                self._last[name] = (found.tensor, numbers)
            return numbers.take(found.codes.take(rows))
        bits = pa.array(found.tensor[rows, 0].view(np.uint32)).dictionary_encode()
        distinct = bits.dictionary.to_numpy().view(np.float32)[:, None]
        return self._numbered(name, distinct).take(bits.indices.to_numpy())

    def _numbered(self, name: str, tensor: Any) -> Any:
        is_text = tensor.dtype == object
        keys = tensor[:, 0].tolist() if is_text else [row.tobytes() for row in np.ascontiguousarray(tensor)]
        with self._lock:
            known = self._codes[name]
            return np.array([known.setdefault(key, len(known)) for key in keys], np.uint64)


def _sorted_hashes(words: Any) -> tuple[Any, Any]:
    """Returns the hash of each row in ascending order, and the positions of the rows in that order."""
    keys = np.zeros(words.shape[1], np.uint64)
    for word in words:
        keys = (keys ^ word) * _MULTIPLIER
        keys ^= keys >> np.uint64(29)
    bits = np.uint64(_PLACE_BITS)
    keys = keys >> bits << bits | np.arange(len(keys), dtype=np.uint64)
    # Twice as fast as argsort.
    keys.sort()
    return keys >> bits, (keys & np.uint64((1 << _PLACE_BITS) - 1)).astype(np.intp)


def _differ(words: Any, begins: Any, sizes: Any) -> Any:
    """Returns the positions of words that differ from those at the beginning of their group."""
    differs = np.zeros(words.shape[1], bool)
    for word in words:
        differs |= word != np.repeat(word[begins], sizes)
    return np.flatnonzero(differs)
