"""Reasons of predictions: the contribution of each given field, by Shapley values of the served graph."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from bundle import MAX_EXPLAINED_ROWS, Columns, Field, Manifest, Reference
from bundle.reference.training_reference import typical_row
from serving.predict.onnx_model import OnnxModel
from serving.predict.prediction import Prediction, Reason, ValuePrediction
from serving.predict.remarks.shapley import coalitions, shapley_values
from serving.problem import Problem
from serving.rows.request_rows import RequestColumns, RequestRows
from serving.rows.row_error_messages import printable

# A float32 of the graph has 7 digits; two more keep the sum of contributions within its rounding.
_DIGITS = 9
_NOTHING = 1e-9


class _Player(NamedTuple):
    """Fields that are given or not known together.

    Attributes:
        title: Name for people.
        names: Names of the fields.
    """

    title: str
    names: tuple[str, ...]


class Explainer:
    """Explains the predictions of one model.

    A contribution is the change of the prediction when the value of a field takes the place of its typical
    one, on average over all orders in which the given fields may do so. A field that is not given has no
    contribution.

    Args:
        manifest: Manifest of the model.
        reference: The values that its training saw, with the typical values.
        model: The model.
    """

    def __init__(self, manifest: Manifest, reference: Reference, model: OnnxModel) -> None:
        self._model = model
        self._labels = manifest.labels
        self._binary = manifest.task == "binary"
        self._typical = typical_row(reference)
        used = [field for field in manifest.fields if not field.ignored]
        self._players = _players(used, reference)
        self._tensors = _Positions(used)

    def add(
        self, predictions: Sequence[Prediction], rows: RequestRows, tensors: Mapping[str, Any], most: int
    ) -> Sequence[Prediction]:
        """Returns the predictions with their baselines and at most `most` reasons each.

        Args:
            predictions: One for each of the rows.
            rows: Valid rows.
            tensors: Input tensors of the rows.
            most: Number of reasons; the contributions of other fields are in `rest`.
        """
        return [
            self._explained(one, rows, position, tensors, most) for position, one in enumerate(predictions)
        ]

    def _explained(
        self, prediction: Prediction, rows: RequestRows, position: int, tensors: Mapping[str, Any], most: int
    ) -> Prediction:
        given = {
            name: column[position] for name, column in rows.columns.items() if column[position] is not None
        }
        players = [player for player in self._players if not given.keys().isdisjoint(player.names)]
        typical: RequestColumns = {
            name: [self._typical[name]] for name in given.keys() & self._typical.keys()
        }
        base = self._model.encode(RequestRows(typical, 1))
        members = coalitions(len(players))
        mixed = self._tensors.mixed(players, members, tensors, position, base)
        values = self._model.run(mixed, len(members))[:, self._column(prediction)].astype(np.float64)
        found = shapley_values(values, len(players))
        # Sums of float64 leave a remainder where nothing changes.
        exact = np.where(
            np.abs(found.contributions) < _NOTHING * np.abs(values).max(), 0.0, found.contributions
        )
        order = np.argsort(-np.abs(exact), kind="stable").tolist()
        contributions = exact[order].tolist()
        listed = [
            self._reason(players[place], given, contribution, prediction)
            for place, contribution in zip(order[:most], contributions, strict=False)
        ]
        return msgspec.structs.replace(
            prediction,
            baseline=_rounded(values[0]),
            reasons=listed,
            rest=_rounded(sum(contributions[most:])) if contributions[most:] else msgspec.UNSET,
            reasons_error=float(f"{found.error:.2g}") if found.error else msgspec.UNSET,
        )

    def _column(self, prediction: Prediction) -> int:
        """Returns the column of the graph's output that the prediction states."""
        if isinstance(prediction, ValuePrediction):
            return 0
        return 1 if self._binary else self._labels.index(prediction.label)

    def _reason(
        self, player: _Player, given: Mapping[str, Any], contribution: float, prediction: Prediction
    ) -> Reason:
        names = [name for name in player.names if name in given]
        # A group of which one field is given is that field.
        field = names[0] if len(names) == 1 else player.title
        value = given[names[0]] if len(names) == 1 else {name: given[name] for name in names}
        shown = ", ".join(f"{name} {_shown(given[name])}" for name in names)
        what = "the value" if isinstance(prediction, ValuePrediction) else self._outcome(prediction.label)
        change = _rounded(contribution)
        if not change:
            sentence = f"{shown} does not change {what}."
        else:
            verb = "raises" if change > 0 else "lowers"
            sentence = f"{shown} {verb} {what} by {abs(change):.2g}."
        return Reason(field, value, change, sentence)

    def _outcome(self, label: str) -> str:
        return f"the probability of {self._labels[-1] if self._binary else label}"


class _Positions:
    """Columns of the input tensors by field."""

    def __init__(self, used: Sequence[Field]) -> None:
        self._columns: dict[str, dict[str, list[int]]] = {}
        self._widths: dict[str, int] = {}
        for tensor in ("numbers", "strings"):
            places: dict[str, list[int]] = {}
            width = 0
            for field in used:
                count = len(getattr(Columns([field]), tensor))
                places[field.name] = [*range(width, width + count)]
                width += count
            self._columns[tensor], self._widths[tensor] = places, width

    def mixed(
        self,
        players: Sequence[_Player],
        members: Any,
        tensors: Mapping[str, Any],
        position: int,
        base: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Returns tensors with one row for each coalition: its members' values, and typical ones else.

        Args:
            players: The players.
            members: Coalitions, booleans of shape (coalitions, players).
            tensors: Tensors of the rows.
            position: The row among them.
            base: Tensors of the row with the typical values.
        """
        # A column of no player is the same in both rows, so any player may stand for it.
        found = {}
        for tensor, row in tensors.items():
            owners = np.zeros(self._widths[tensor], dtype=np.intp)
            for place, player in enumerate(players):
                for name in player.names:
                    owners[self._columns[tensor][name]] = place
            taken = members[:, owners] if players else np.zeros((len(members), len(owners)), dtype=bool)
            found[tensor] = np.where(taken, row[position], base[tensor][0])
        return found


def check_explained(rows: int) -> None:
    """Raises Problem 422 when a request for reasons has more than MAX_EXPLAINED_ROWS valid rows."""
    if rows > MAX_EXPLAINED_ROWS:
        raise Problem(
            422,
            f"The request has {rows:,} rows, and a request for reasons may have {MAX_EXPLAINED_ROWS}: send "
            "several requests, or leave out the parameter reasons.",
        )


def _players(used: Sequence[Field], reference: Reference) -> list[_Player]:
    grouped = {name for names in reference.together.values() for name in names}
    alone = [_Player(field.name, (field.name,)) for field in used if field.name not in grouped]
    return [*alone, *(_Player(title, names) for title, names in reference.together.items())]


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.7g}" if isinstance(value, float) else printable(str(value))
