"""Reference of a bundle: what training saw of each field and of the predictions."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Distribution, Field, Reference, splitter
from bundle.reference.familiar_fields import clock
from bundle.reference.training_reference import MOST_VALUES
from training.data.dataset import CLOCK, ColumnValues, Dataset, factorized
from training.model import Model

_BINS = 20
_DIGITS = 6
# With more rows without a value, a model has learned what it means that the value is not known.
_LEARNED_GAP = 0.01


def reference_of(
    model: Model, learned: Dataset, outputs: Mapping[str, NDArray[Any]], noise: float | None
) -> Reference:
    """Describes the rows that a model learned from.

    Args:
        model: The model.
        learned: Rows of the fit that ships.
        outputs: Outputs of the measured fit for the test rows, by situation.
        noise: Median distance of probabilities from those of the other fit; None when there is one fit.
    """
    fields = [field for field in model.fields if not field.ignored]
    seen = {field.name: _distribution(field, learned) for field in fields}
    return Reference(
        rows=len(learned),
        fields=seen,
        predictions={name: _predictions(model, output) for name, output in outputs.items()},
        typical=dict(_typical(model, fields, learned, seen)),
        together=dict(model.together),
        noise=noise,
    )


def noise_of(
    model: Model, shipped: Mapping[str, NDArray[Any]], measured: Mapping[str, NDArray[Any]]
) -> float | None:
    """Returns the median distance of the probabilities of two fits in all situations; None without labels."""
    if model.task != "binary":
        return None
    distances = [np.abs(shipped[name][:, 1] - output[:, 1]) for name, output in measured.items()]
    return _rounded(float(np.median(np.concatenate(distances))))


def _distribution(field: Field, learned: Dataset) -> Distribution:
    values = learned.columns.get(field.name)
    if values is None:
        return Distribution(missing=1.0)
    absent = np.asarray(pd.isna(values))
    missing = _rounded(float(absent.mean()))
    present = values[~absent]
    if not len(present):
        return Distribution(missing=1.0)
    match field.type:
        case "date":
            days = np.asarray(present).astype("datetime64[D]")
            return Distribution(missing=missing, first=str(days.min()), last=str(days.max()))
        case "string":
            shares, others = _commonest(*factorized(present))
            return Distribution(missing=missing, values=shares, others=others)
        case "boolean":
            share = float(np.mean(np.asarray(present, dtype=np.float64)))
            both = {"false": _rounded(1 - share), "true": _rounded(share)}
            return Distribution(missing=missing, values={name: part for name, part in both.items() if part})
    edges, shares_of_bins = _histogram(_numbers(field, present))
    return Distribution(missing=missing, edges=edges, shares=shares_of_bins)


def _numbers(field: Field, present: ColumnValues) -> NDArray[Any]:
    if field.type == "time":
        codes, distinct = factorized(present)
        # In two bytes: numbers of eight were the peak of the memory of five years of flights.
        minutes: NDArray[Any] = np.asarray(CLOCK.get_indexer(pd.Index(distinct)), dtype=np.int16)
        return minutes[codes]  # type: ignore[no-any-return]  # NumPy types an item as Any
    if field.type == "text":
        codes, distinct = factorized(present)
        join = splitter(field.words)
        words = np.array([len(join(text).split()) for text in distinct])
        return words[codes]  # type: ignore[no-any-return]  # the same
    return np.asarray(present)


def _predictions(model: Model, output: NDArray[Any]) -> Distribution:
    output = output[~np.isnan(output).any(axis=1)]
    if model.task == "multiclass":
        counts = np.bincount(output.argmax(axis=1), minlength=len(model.labels)) / max(1, len(output))
        return Distribution(values=dict(zip(model.labels, map(_rounded, counts.tolist()), strict=True)))
    edges, shares = _histogram(output[:, -1])
    return Distribution(edges=edges, shares=shares)


def _histogram(numbers: NDArray[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Returns edges at quantiles, the outer ones exact, and the share between each edge and the next."""
    if not len(numbers):
        return (), ()
    low, high = _exact(numbers.min()), _exact(numbers.max())
    inner = np.quantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1], method="lower").tolist()
    middle = sorted({_rounded(edge) for edge in inner if low < _rounded(edge) < high})
    edges = np.array([low, *middle, high])
    # A value on an inner edge belongs to the bin above.
    places = np.clip(np.searchsorted(edges, numbers.astype(np.float64), side="right") - 1, 0, len(edges) - 2)
    shares = np.bincount(places, minlength=len(edges) - 1) / len(numbers)
    return tuple(edges.tolist()), tuple(map(_rounded, shares.tolist()))


def _commonest(codes: NDArray[Any], distinct: list[str]) -> tuple[dict[str, float], float]:
    counts = np.bincount(codes, minlength=len(distinct))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], distinct[code]))
    listed, rest = order[:MOST_VALUES], order[MOST_VALUES:]
    shares = {distinct[code]: _rounded(counts[code] / len(codes)) for code in sorted(listed)}
    return shares, _rounded(counts[rest].sum() / len(codes))


def _typical(
    model: Model, fields: list[Field], learned: Dataset, seen: Mapping[str, Distribution]
) -> Iterator[tuple[str, Any]]:
    gaps = {name for gap in model.gaps for name in gap.fields}
    later = {name for situation in model.situations for name in situation.absent}
    for field in fields:
        found = seen[field.name]
        if field.name in gaps | later or found.missing > _LEARNED_GAP or field.type == "text":
            continue
        if field.type in ("string", "boolean"):
            commonest = max(sorted(found.values), key=lambda value: found.values[value])
            yield field.name, commonest == "true" if field.type == "boolean" else commonest
        elif field.type == "date":
            days = np.sort(np.asarray(learned.columns[field.name]).astype("datetime64[D]"))
            yield field.name, str(days[(np.count_nonzero(~np.isnat(days)) - 1) // 2])
        else:
            values = learned.columns[field.name]
            numbers = _numbers(field, values[~np.asarray(pd.isna(values))])
            median = np.quantile(numbers, 0.5, method="lower")
            yield field.name, clock(int(median)) if field.type == "time" else _exact(median)


def _exact(number: Any) -> float:
    """Returns a number as data had it: a float32 has the digits that identify it."""
    return float(str(number)) if isinstance(number, np.float32) else float(number)


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
