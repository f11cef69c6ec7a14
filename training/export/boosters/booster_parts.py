"""Parts of a booster, whichever library trained it, and their ONNX operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from onnx import TensorProto

from training.export.boosters.category_table import CategoryLookup, CategoryTable, add_lookup, keys_of
from training.export.boosters.tree_columns import tree_blocks, tree_columns
from training.export.graphs.graph_builder import GraphBuilder
from training.export.graphs.tree_ensemble import DOUBLE_TREES, Node, tree_ensemble, tree_ensemble_in_double

# Functions of objectives, as operators after the sum of the trees.
IDENTITY, SIGMOID, SOFTMAX, EXPONENTIAL, SIGNED_SQUARE = (
    "Identity",
    "Sigmoid",
    "Softmax",
    "Exp",
    "signed square",
)


@dataclass(frozen=True, kw_only=True)
class BoosterParts:
    """A booster: sums of trees, and the function of its objective.

    Attributes:
        trees: Root nodes of the trees of each answer.
        features: Number of features.
        function: Function of the objective.
        scale: Factor of the sums of the trees.
        base: What is added to each sum after that, one for all answers or one each.
        values: Values of each category in the order of their codes, by feature; a feature with categories
            that is not in it has the codes themselves.
        is_closed: Whether its library raises an error for other values.
    """

    trees: Sequence[Sequence[Node]]
    features: int
    function: str
    scale: float = 1.0
    base: Sequence[float] = (0.0,)
    values: Mapping[int, Sequence[Any]] = field(default_factory=dict)
    is_closed: bool = False

    @property
    def keys(self) -> dict[int, tuple[Any, ...]]:
        """The values as a request has them, by feature in order."""
        return {
            feature: keys_of(values, is_closed=self.is_closed)
            for feature, values in sorted(self.values.items())
        }

    @property
    def words(self) -> tuple[int, ...]:
        """Features whose categories are strings in a request, in order."""
        return tuple(feature for feature, keys in self.keys.items() if isinstance(keys[0], str))

    @property
    def numbers(self) -> tuple[int, ...]:
        """All other features, in order."""
        return tuple(one for one in range(self.features) if one not in self.words)


def add_booster(
    graph: GraphBuilder, parts: BoosterParts, *, numbers: str, strings: str = "", in_double: bool = False
) -> str:
    """Adds a booster to a graph.

    Args:
        graph: Gets the nodes.
        parts: The booster.
        numbers: Tensor of the features in `parts.numbers`.
        strings: Tensor of the features in `parts.words`.
        in_double: Whether the numbers are double, and float32 otherwise.

    Returns:
        Name of the answers, float32 of shape (rows, answers).
    """
    whole = tree_columns(parts.trees, parts.numbers, keys=parts.keys)
    lookups = {table.feature: _lookup(graph, table, parts, numbers, strings) for table in whole.tables}
    sums = [_sums(graph, block, parts, numbers, lookups, in_double) for block in tree_blocks(parts.trees)]
    total = graph.add("Sum", sums) if len(sums) > 1 else sums[0]
    # Converters of a graph in double give the sums of trees as double.
    together = graph.add("Cast", [total], to=TensorProto.FLOAT)
    scale = graph.constant(TensorProto.FLOAT, [1], [parts.scale])
    base = graph.constant(TensorProto.FLOAT, [len(parts.base)], [*parts.base])
    return _function(graph, graph.add("Add", [graph.add("Mul", [together, scale]), base]), parts.function)


def _lookup(
    graph: GraphBuilder, table: CategoryTable, parts: BoosterParts, numbers: str, strings: str
) -> CategoryLookup:
    tensor, order = (strings, parts.words) if table.feature in parts.words else (numbers, parts.numbers)
    return add_lookup(graph, table, graph.gather(tensor, [order.index(table.feature)]))


def _sums(
    graph: GraphBuilder,
    trees: Sequence[Sequence[Node]],
    parts: BoosterParts,
    numbers: str,
    lookups: Mapping[int, CategoryLookup],
    in_double: bool,
) -> str:
    """Adds the sums of some trees of each answer, and returns their name."""
    columns = tree_columns(trees, parts.numbers, keys=parts.keys)
    matrix = [numbers] if parts.numbers else []
    sets = [lookups[table.feature].add_columns(graph, table) for table in columns.tables]
    matrix += [graph.add("Cast", [one], to=TensorProto.DOUBLE) for one in sets] if in_double else sets
    features = graph.add("Concat", matrix, axis=1) if len(matrix) > 1 else matrix[0]
    attributes_of = tree_ensemble_in_double if in_double else tree_ensemble
    name = DOUBLE_TREES if in_double else ""
    sums = [
        graph.add(
            "TreeEnsembleRegressor",
            [features],
            name=name,
            **attributes_of([*map(columns.placed, own)], targets=1),
        )
        for own in trees
    ]
    return graph.add("Concat", sums, axis=1)


def _function(graph: GraphBuilder, margin: str, function: str) -> str:
    if function == SIGNED_SQUARE:
        return graph.add("Mul", [margin, graph.add("Abs", [margin])])
    attributes: dict[str, Any] = {"axis": 1} if function == SOFTMAX else {}
    return graph.add(function, [margin], **attributes)
