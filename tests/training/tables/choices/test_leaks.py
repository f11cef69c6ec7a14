"""Leaks among the fields of a table."""

import numpy as np
import pytest

from bundle import Field
from training.tables.choices.leaks import find_leaks

ROWS = 6_000


@pytest.mark.parametrize("share", [0.5, 0.004])
@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_a_field_that_almost_knows_the_target_is_found_among_many_rows(task: str, share: float) -> None:
    random = np.random.default_rng(0)
    known = random.random(ROWS)
    columns = {"known": known, "noise": random.random(ROWS)}
    target = (known < share).astype(int) if task == "classes" else np.sqrt(known)
    fields = [Field(name=name, type="number", example=0.5) for name in columns]

    found = [*find_leaks(fields, columns, target, name="y", seed=0)]

    assert [leak.field for leak in found] == ["known"]
