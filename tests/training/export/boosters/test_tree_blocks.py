"""Trees with more sets of categories than one tensor has: blocks of trees, each with columns of its own."""

import numpy as np
import onnxruntime

from training.export.boosters.booster_parts import IDENTITY, BoosterParts
from training.export.boosters.tree_columns import tree_blocks
from training.export.graphs.tree_ensemble import Node, category_branch, leaf
from training.importing.graphs.booster_graph import booster_graph

TREES = 600


def tree(number: int) -> Node:
    """A tree of one split: codes `number` and the next one get the number."""
    members = (number, number + 1)
    return category_branch(0, members, leaf(float(number)), leaf(0.0), absent_is_inside=number == 7)


def test_blocks_of_trees_have_all_trees_in_their_order_and_few_sets() -> None:
    trees = [tree(number) for number in range(TREES)]

    blocks = [*tree_blocks([trees, trees[:1]])]

    assert [node for first, _ in blocks for node in first] == trees
    assert [len(first) for first, _ in blocks] == [512, 88]
    assert blocks[1][1] == [leaf(0.0)]


def test_the_sum_over_blocks_is_that_of_all_trees() -> None:
    trees = [tree(number) for number in range(TREES)]
    parts = BoosterParts(trees=[trees, trees[:1]], features=1, function=IDENTITY)

    session = onnxruntime.InferenceSession(booster_graph(parts).SerializeToString())
    codes = np.array([[0], [5], [599], [600], [1000], [np.nan]], dtype=np.float32)
    found = session.run(None, {"features": codes})[0]

    assert found[:, 0].tolist() == [0, 9, 1197, 599, 0, 7]
    assert found[:, 1].tolist() == [0, 0, 0, 0, 0, 0]
