"""Rows that repeat have the output of the row that the graph was run for."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from scoring.fields.record_reader import ReadRecords
from scoring.graph_runs import row_deduplication
from scoring.graph_runs.row_deduplication import RepeatedRows, used_numbers
from serving.predict.onnx_model import OnnxModel
from tests.scoring.graph_runs.tree_bundle import READ, lines, read_rows, write_tree_bundle
from tests.tiny_bundle import FIELDS, tiny_graph


@pytest.mark.parametrize("multiplier", [row_deduplication._MULTIPLIER, np.uint64(0)])
def test_every_row_has_its_own_output_even_where_different_rows_have_one_key(
    multiplier: np.uint64, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_deduplication, "_MULTIPLIER", multiplier)
    bundle = write_tree_bundle(tmp_path / "model.tar.gz")
    model = OnnxModel(bundle)
    used = used_numbers(bundle.model)
    assert used == frozenset(READ)
    repeated = RepeatedRows(FIELDS, used)
    run_rows = 0
    for seed in range(3):
        read = read_rows(tmp_path, lines(seed))

        def run(some: Any, read: ReadRecords = read) -> Any:
            nonlocal run_rows
            run_rows += len(some)
            found: Any = model.run(read.tensors(some), len(some))
            return found

        every = np.arange(200)
        assert np.array_equal(repeated.outputs(read, every, run), model.run(read.tensors(every), 200))
    if multiplier:
        # Sizes and days of the week: the days of the month do not count.
        assert run_rows <= 9 * 7 + 1


def test_rows_of_a_file_with_other_columns_are_other_rows(tmp_path: Path) -> None:
    # Given: the first value of each field has the same number.
    repeated = RepeatedRows(FIELDS, frozenset(READ))
    without_days = read_rows(tmp_path, ["7"], header="size")
    repeated.outputs(without_days, np.arange(1), lambda some: np.full((len(some), 2), 1, np.float32))

    # When
    with_days = read_rows(tmp_path, ["7,2024-02-29,ant"])
    found = repeated.outputs(with_days, np.arange(1), lambda some: np.full((len(some), 2), 2, np.float32))

    # Then
    assert found.tolist() == [[2, 2]]


def test_a_batch_with_more_rows_than_a_key_has_positions_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_deduplication, "_PLACE_BITS", 2)
    repeated = RepeatedRows(FIELDS, frozenset(READ))
    sizes = np.arange(5, dtype=np.float32)[:, None]
    read = read_rows(tmp_path, [f"{size}" for size in range(5)])

    assert np.array_equal(repeated.outputs(read, np.arange(5), lambda some: sizes[some]), sizes)


def test_rows_that_hardly_repeat_are_not_searched_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_deduplication, "_TRIED_ROWS", 150)
    repeated = RepeatedRows(FIELDS, frozenset(READ))
    assert repeated.is_worthwhile

    read = read_rows(tmp_path, [f"{size / 2}" for size in range(200)])
    repeated.outputs(read, np.arange(200), lambda some: np.zeros((len(some), 2), np.float32))

    assert not repeated.is_worthwhile


def test_the_search_ends_when_a_field_has_more_values_than_its_share_of_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_deduplication, "_CODE_BITS", 3)
    repeated = RepeatedRows(FIELDS, frozenset(READ))
    read = read_rows(tmp_path, [f"{size}" for size in range(9)] * 2)
    sizes = np.repeat(np.arange(18, dtype=np.float32)[:, None], 2, axis=1)

    outputs = repeated.outputs(read, np.arange(18), lambda some: sizes[some])

    assert np.array_equal(outputs, sizes)
    assert not repeated.is_worthwhile


def test_a_graph_without_trees_is_run_for_every_row() -> None:
    assert used_numbers(tiny_graph().SerializeToString()) is None


def test_a_graph_whose_numbers_other_operators_read_is_run_for_every_row(tmp_path: Path) -> None:
    model = onnx.load_from_string(write_tree_bundle(tmp_path / "model.tar.gz").model)
    model.graph.node.append(helper.make_node("Abs", ["numbers"], ["sizes"]))

    assert used_numbers(model.SerializeToString()) is None
