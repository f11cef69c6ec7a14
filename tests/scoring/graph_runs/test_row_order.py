"""Rows are run in an order of which trees take similar branches, and keep their own outputs."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from scoring.answer_columns import Answerer, AnswerOptions
from scoring.graph_runs import row_order
from scoring.graph_runs.row_order import RowOrder, compared_numbers
from serving.predict.onnx_model import OnnxModel
from tests.scoring.graph_runs.tree_bundle import READ, lines, read_rows, write_tree_bundle
from tests.tiny_bundle import FIELDS, tiny_graph

SIZE, WEEKDAY = READ


def test_the_number_of_most_nodes_comes_first_with_its_thresholds(tmp_path: Path) -> None:
    found = compared_numbers(write_tree_bundle(tmp_path / "model.tar.gz").model)

    assert {column: edges.tolist() for column, edges in found.items()} == {WEEKDAY: [2, 4], SIZE: [5]}
    assert [*found] == [WEEKDAY, SIZE]


def test_a_number_that_is_encoded_too_comes_before_all_others(tmp_path: Path) -> None:
    # Given a graph that selects the size besides
    graph = onnx.load_from_string(write_tree_bundle(tmp_path / "model.tar.gz").model)
    graph.graph.initializer.append(numpy_helper.from_array(np.array([SIZE]), "selected"))
    graph.graph.node.append(helper.make_node("Gather", ["numbers", "selected"], ["sizes"], axis=1))

    # When its numbers are looked for, then the size is the first
    assert [*compared_numbers(graph.SerializeToString())] == [SIZE, WEEKDAY]


def test_a_graph_without_trees_has_no_order(tmp_path: Path) -> None:
    model = tiny_graph().SerializeToString()
    read = read_rows(tmp_path, lines(0))

    assert compared_numbers(model) == {}
    assert RowOrder(model, FIELDS).of(read, np.arange(200)).tolist() == [*range(200)]


def test_rows_are_sorted_by_the_intervals_that_trees_tell_apart(tmp_path: Path) -> None:
    # Given rows of sizes below and above 5, on Mondays, Thursdays and Sundays
    order = RowOrder(write_tree_bundle(tmp_path / "model.tar.gz").model, FIELDS)
    days = ["2024-02-26", "2024-02-29", "2024-03-03"]
    read = read_rows(tmp_path, [f"{size},{day},ant" for size in (7, 2, 9, 1) for day in days])

    # When some of them are ordered
    rows = np.arange(2, 12)
    found = rows[order.of(read, rows)]

    # Then those of one day of the week are neighbours, the smaller sizes first
    weekday, large = found % 3, np.isin(found // 3, (0, 2))
    assert (np.diff(weekday * 2 + large) >= 0).all()
    assert sorted(found.tolist()) == rows.tolist()


def test_a_file_without_a_compared_column_is_ordered_by_the_others(tmp_path: Path) -> None:
    order = RowOrder(write_tree_bundle(tmp_path / "model.tar.gz").model, FIELDS)
    read = read_rows(tmp_path, ["7", "2", "9", "1"], header="size")

    assert order.of(read, np.arange(4)).tolist() == [1, 3, 0, 2]


def test_a_column_that_a_file_lacks_takes_no_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given keys of one digit, and a file without the day that most nodes compare
    monkeypatch.setattr(row_order, "_COLUMNS", 1)
    order = RowOrder(write_tree_bundle(tmp_path / "model.tar.gz").model, FIELDS)
    read = read_rows(tmp_path, ["7", "2", "9", "1"], header="size")

    # When its rows are ordered, then it is by their size
    assert order.of(read, np.arange(4)).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("repeated", [True, False], ids=["distinct rows", "every row"])
def test_each_row_keeps_its_own_answer(tmp_path: Path, repeated: bool) -> None:
    # Given rows in no order
    bundle = write_tree_bundle(tmp_path / "model.tar.gz")
    read = read_rows(tmp_path, lines(0))
    answerer = Answerer(bundle, AnswerOptions())
    if not repeated:
        answerer._repeated = None

    # When they are answered
    _, probability = answerer.answer(read)

    # Then each has the probability that the graph has for it alone
    model = OnnxModel(bundle)
    alone = [float(model.run(read.tensors(np.array([row])), 1)[0, 1]) for row in range(200)]
    np.testing.assert_allclose(probability.to_pylist(), alone, atol=1e-6)
