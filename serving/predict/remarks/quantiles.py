"""Quantiles of a model's second target, by the second graph of its bundle."""

import math
import threading
from collections.abc import Mapping, Sequence
from types import GenericAlias
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from bundle import (
    QUANTILES_OUTPUT,
    Bundle,
    Columns,
    Manifest,
    Numerals,
    Quantiles,
    displayed,
    is_close_to_golden,
    row_type,
)
from serving.predict.onnx_model import ModelError, first_line, open_session
from serving.predict.prediction import (
    ClassPrediction,
    LabelPrediction,
    Prediction,
    QuantileRange,
    ValuePrediction,
)


class QuantileModel:
    """Predicts the quantiles of a bundle's second target; several threads may use it.

    ONNX Runtime executes all of a graph, whichever outputs are asked for, so the quantiles have a graph of
    their own. It is loaded, and its golden rows are checked, when the first request asks for it: other
    requests, and containers and functions that get none, pay nothing for it.

    Args:
        bundle: A bundle with quantiles.
        stated: Statements of its manifest about them.
    """

    def __init__(self, bundle: Bundle, stated: Quantiles) -> None:
        self._content = bundle.quantiles
        self._stated = stated
        self._manifest = bundle.manifest
        self._kinds = {
            kind: _kind(kind, stated.name) for kind in (LabelPrediction, ClassPrediction, ValuePrediction)
        }
        self._session: Any = None
        self._loading = threading.Lock()

    def add(
        self, predictions: Sequence[Prediction], tensors: Mapping[str, Any], size: int
    ) -> Sequence[Prediction]:
        """Returns the predictions with their quantiles, under the name of the target.

        Args:
            predictions: One for each row, without remarks.
            tensors: Input tensors of the rows.
            size: Number of rows.

        Raises:
            ModelError: When the graph cannot be loaded, fails, or predicts its golden rows wrong.
        """
        rows = self.run(tensors, size).tolist()
        return [
            self._kinds[type(one)](
                **msgspec.structs.asdict(one) | {"quantiles": QuantileRange(*map(_finite, row))}
            )
            for one, row in zip(predictions, rows, strict=True)
        ]

    def run(self, tensors: Mapping[str, Any], size: int) -> Any:
        """Returns the quantiles of rows in ascending order: float32 of shape (size, 3).

        Raises:
            ModelError: As `add`.
        """
        return _run(self._loaded(), tensors, size)

    def _loaded(self) -> Any:
        with self._loading:
            if self._session is None:
                session = open_session(self._content, "quantiles.onnx")
                self._check(session)
                self._session = session
                # The session has its own copy.
                self._content = b""
        return self._session

    def _check(self, session: Any) -> None:
        tensors = _golden_tensors(self._manifest)
        rows = _run(session, tensors, len(self._stated.golden)).tolist()
        for found, golden in zip(rows, self._stated.golden, strict=True):
            if not all(map(is_close_to_golden, map(displayed, found), golden)):
                raise ModelError(
                    f"The model answers its golden row with the quantiles {found} of {self._stated.name}, "
                    f"but its bundle says {list(golden)}."
                )


def _kind(base: type[Prediction], name: str) -> Any:
    """Returns the type of a prediction whose quantiles are encoded under the target's name."""
    return msgspec.defstruct(
        base.__name__,
        [("quantiles", QuantileRange | UnsetType, UNSET)],
        bases=(base,),
        rename={"quantiles": name},
        frozen=True,
        kw_only=True,
        gc=False,
    )


def _golden_tensors(manifest: Manifest) -> dict[str, Any]:
    rows = msgspec.convert(
        [one.instance for one in manifest.golden], GenericAlias(list, row_type(manifest.fields))
    )
    values = zip(*map(Numerals(manifest.fields).read, map(msgspec.structs.astuple, rows)), strict=True)
    columns = {field.name: column for field, column in zip(manifest.fields, values, strict=True)}
    return Columns(manifest.fields).encode(columns, len(rows))


def _run(session: Any, tensors: Mapping[str, Any], size: int) -> Any:
    try:
        output = session.run([QUANTILES_OUTPUT], tensors)[0]
    except Exception as error:
        raise ModelError(f"The graph of the quantiles failed: {first_line(error)}.") from error
    if output.shape != (size, 3):
        raise ModelError(f"The quantiles of {size} rows are a tensor of shape {output.shape}.")
    return output


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ModelError(f"The model answered the quantile {number}, which is not a finite number.")
    return displayed(number)
