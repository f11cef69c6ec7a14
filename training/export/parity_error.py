"""The error of a graph that does not predict as its pipeline: the step, the cause and the cure."""

from dataclasses import dataclass
from typing import Literal

from training.errors import TrainingError
from training.export.export_errors import GENERAL_WAY_OUT

DifferenceCause = Literal["rounding before trees", "converter"]

# Advice about a step whose outputs differ from its graph's, by cause; {step} is the step.
_CURES: dict[DifferenceCause, str] = {
    "rounding before trees": (
        "{step} is the first step whose outputs differ, by {size:.0e}: the graph computes in float32 and "
        "rounds otherwise, and a row at the threshold of a tree then takes the other branch. Leave the step "
        "out, because trees need no scaling, or use TreeScaler of training/features/scaling.py, whose graph "
        "computes the same bits"
    ),
    "converter": (
        "{step} is the first step whose outputs differ, by {size:.0e}: its ONNX converter is wrong. Way out: "
        f"{GENERAL_WAY_OUT}"
    ),
}


@dataclass(frozen=True, kw_only=True)
class StepDifference:
    """A step whose outputs differ.

    Attributes:
        name: Name of the step, within a ColumnTransformer such as features__numbers.
        kind: Its class.
        cause: Why.
        size: Largest difference of its outputs; NaN where one side has no number.
    """

    name: str
    kind: str
    cause: DifferenceCause
    size: float


def parity_error(
    found: StepDifference, *, difference: float, tolerance: float, differing: int
) -> TrainingError:
    """Makes the error of a graph whose predictions differ from its pipeline's.

    Args:
        found: The first step whose outputs differ.
        difference: Largest difference of the predictions.
        tolerance: Largest difference that is allowed.
        differing: Number of test rows whose predictions differ by more.
    """
    cure = _CURES[found.cause].format(step=f"the step {found.name!r} ({found.kind})", size=found.size)
    rows = f"{differing:,} test {'row' if differing == 1 else 'rows'}"
    return TrainingError(
        f"The exported graph differs from its pipeline by {difference:.1e} on {rows}, {tolerance:.0e} is "
        f"allowed, and no bundle was written: {cure}."
    )
