"""Columns that the trees of a booster split: its numbers, then the tables of its categories."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.export.boosters.category_table import CategoryTable
from training.export.graphs.tree_ensemble import Node, branch, leaf

# Between a membership of 0 and of 1.
_HALF = 0.5
# A row has a float of each set, so that many rows at once would need gigabytes.
_MOST_SETS = 512
# Trees of an answer that has no more of them.
_NOTHING = [leaf(0.0)]


@dataclass(frozen=True, kw_only=True)
class TreeColumns:
    """Columns of the tensor that the trees get.

    Attributes:
        tables: Tables of the features with categories, in the order of their columns.
        places: Column of each number and of each code that is split as a number.
        set_places: Column of each set of a feature.
    """

    tables: tuple[CategoryTable, ...]
    places: Mapping[int, int]
    set_places: Mapping[tuple[int, frozenset[int]], int]

    def placed(self, root: Node) -> Node:
        """Returns a tree whose branches split these columns."""
        if "values" in root:
            return root
        if "members" not in root:
            low, high = self.placed(root["low"]), self.placed(root["high"])
            return {**root, "feature": self.places[root["feature"]], "low": low, "high": high}
        return branch(
            self.set_places[root["feature"], root["members"]],
            _HALF,
            self.placed(root["outside"]),
            self.placed(root["inside"]),
            absent_is_low=not root["absent_is_inside"],
        )


def tree_columns(
    trees: Sequence[Sequence[Node]],
    numbers: Sequence[int],
    *,
    keys: Mapping[int, tuple[Any, ...]],
) -> TreeColumns:
    """Lays out the columns of trees.

    Args:
        trees: Root nodes of the trees of each answer.
        numbers: Features in the tensor of numbers, in order.
        keys: Categories of features as a request has them, in the order of their codes.
    """
    sets: dict[int, dict[frozenset[int], None]] = {}
    as_numbers: set[int] = set()
    for node in (node for own in trees for root in own for node in _branches(root)):
        if "members" in node:
            sets.setdefault(node["feature"], {})[node["members"]] = None
        else:
            as_numbers.add(node["feature"])
    places = {feature: place for place, feature in enumerate(numbers) if feature not in keys}
    set_places, tables, column = {}, [], len(numbers)
    for feature in sorted({*sets} | (as_numbers & {*keys})):
        table = CategoryTable(
            feature=feature,
            keys=keys.get(feature),
            sets=tuple(sets.get(feature, ())),
            has_code=feature in keys and feature in as_numbers,
        )
        if table.has_code:
            places[feature] = column
        for place, members in enumerate(table.sets, start=column + table.has_code):
            set_places[feature, members] = place
        tables.append(table)
        column += table.width
    return TreeColumns(tables=tuple(tables), places=places, set_places=set_places)


def tree_blocks(trees: Sequence[Sequence[Node]]) -> Iterator[list[Sequence[Node]]]:
    """Yields successive trees of each answer that split at most about `_MOST_SETS` different sets."""
    first, found, rounds = 0, set[tuple[int, frozenset[int]]](), max(map(len, trees))
    for number in range(rounds):
        own = {
            (node["feature"], node["members"])
            for answer in trees
            for root in answer[number : number + 1]
            for node in _branches(root)
            if "members" in node
        }
        if number > first and len(found | own) > _MOST_SETS:
            yield [answer[first:number] or _NOTHING for answer in trees]
            first, found = number, set()
        found |= own
    yield [answer[first:] or _NOTHING for answer in trees]


def _branches(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if "values" not in node:
            yield node
            waiting += [node[name] for name in ("low", "high", "inside", "outside") if name in node]
