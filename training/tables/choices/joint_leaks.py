"""Leaks of several fields together, such as parts whose sum is the target: held-out rows without an error."""

from collections.abc import Collection, Sequence

import numpy as np

from bundle import Field
from training.data.dataset import Dataset
from training.tables.choices.field_gains import field_gains
from training.tables.choices.selection import Selection

# Shares of the mean's loss below which predictions are almost perfect.
_PERFECT_CLASSES, _PERFECT_NUMBERS = 0.01, 0.005
# Fields that have this share of the gain are named, three at most, and three texts.
_TOLD_SHARE, _MOST_NAMED = 0.9, 3


def joint_leak(
    selection: Selection,
    fields: Sequence[Field],
    train: Dataset,
    *,
    classes: int,
    name: str,
    named: Collection[str],
    seed: int,
) -> str:
    """Returns the sentence of fields that predict the target almost perfectly together; "" for none.

    Args:
        selection: The recipe that was chosen, with its loss.
        fields: Fields of the model.
        train: Training rows.
        classes: Number of labels; 0 for a number.
        name: Name of the target.
        named: Fields that are named as leaks already.
        seed: Seed of the trees that rank the fields.
    """
    most = _PERFECT_CLASSES if classes else _PERFECT_NUMBERS
    if selection.loss > most * selection.constant_loss:
        return ""
    gains = field_gains(fields, train, classes=classes, seed=seed)
    # Texts have no gain that could be compared.
    ranked = {field: gain for field, gain in gains.items() if gain < np.inf}
    told: list[str] = []
    for field in sorted(ranked, key=lambda one: -ranked[one])[:_MOST_NAMED]:
        if sum(ranked[one] for one in told) < _TOLD_SHARE * sum(ranked.values()):
            told.append(field)
    told += [field for field in gains if field not in ranked][:_MOST_NAMED]
    if {*told} & {*named}:
        return ""
    if len(fields) == 1:
        which = f"its only field {told[0]!r}: check that it does not contain the answer"
    elif len(told) == 1:
        which = f"the field {told[0]!r}: if it is not known before, give --leave-out {told[0]!r}"
    else:
        listed = f"{', '.join(map(repr, told[:-1]))} and {told[-1]!r}"
        which = f"{listed} together: if one of them is not known before, give --leave-out with its name"
    return f"{name} is predicted almost perfectly, mostly from {which}."
