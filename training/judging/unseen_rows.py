"""Unseen rows: those that neither champion nor challenger has learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.holdout import row_digests, uniform_digests
from training.judging.contender import CHALLENGER, Contender


@dataclass(frozen=True, kw_only=True)
class UnseenRows:
    """The rows of the comparison.

    Attributes:
        positions: Positions of these rows among all rows, in an order that follows from their values alone.
        described: Which rows they are, as a part of a sentence.
        refusal: Why there are none; "" when there are some.
    """

    positions: NDArray[np.intp]
    described: str = ""
    refusal: str = ""


def unseen_rows(data: Dataset, contenders: Sequence[Contender]) -> UnseenRows:
    """Selects the rows after the last day of both manifests, or those that both held out by their digests.

    A model that ships has learned from all rows of its manifest, its test rows included: training fits again
    on all rows. So the days of the manifest count, not those of its training rows.
    """
    return _undated(data, contenders) if data.dates is None else _dated(data, data.dates, contenders)


def _dated(data: Dataset, dates: NDArray[np.datetime64], contenders: Sequence[Contender]) -> UnseenRows:
    for contender in contenders:
        if not contender.manifest.data.end:
            return _refused(
                f"The manifest of the {contender.name} does not say the last day that it learned from, so no "
                "row is known to be newer: train it on rows with dates."
            )
    last = max(contenders, key=lambda contender: contender.manifest.data.end)
    end = last.manifest.data.end
    described = f"newer than {end}, the last day that the {last.role} has learned from"
    is_new = dates > np.datetime64(end, "D")
    if not is_new.any():
        what_to_do = (
            "train it with --holdout DAYS (hyperparameter holdout), which keeps the newest days for the judge"
            if last.role == CHALLENGER
            else "judge when there are newer rows"
        )
        return _refused(f"No row of {data.name} is {described}: {what_to_do}.")
    return UnseenRows(positions=_in_order(data, is_new), described=described)


def _undated(data: Dataset, contenders: Sequence[Contender]) -> UnseenRows:
    shares = []
    for contender in contenders:
        share = contender.manifest.data.held_out
        if not share:
            return _refused(
                f"The rows have no dates, and the {contender.name} has learned from all of its rows, so none "
                f"is known to be new to it: train it with --holdout (hyperparameter holdout), which keeps a "
                "tenth of the rows."
            )
        shares.append(share)
    return UnseenRows(
        positions=_in_order(data, uniform_digests(data) < min(shares)),
        described=f"among the {min(shares):.0%} of all rows that both held out by their values",
    )


def _in_order(data: Dataset, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    positions = np.flatnonzero(chosen)
    rows = data.take(positions)
    keys = [rows.target, row_digests(rows)]
    return positions[np.lexsort(keys if rows.dates is None else [*keys, rows.dates])]


def _refused(sentence: str) -> UnseenRows:
    return UnseenRows(positions=np.empty(0, dtype=np.intp), refusal=sentence)
