"""How a model is to be fitted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from training.errors import TrainingError


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The machines that grow one model together.

    Attributes:
        machines: Each as "host:port", in the same order on all of them.
        rank: Which one this is.
    """

    machines: tuple[str, ...]
    rank: int


def never() -> bool:
    """Says no; a function of a module, so that a fitted pipeline can be pickled."""
    return False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one fit is told beyond its rows.

    Attributes:
        seed: Of all that is drawn.
        parameters: Hyperparameters by their estimator's names, in place of the model's own.
        cluster: Whom to share the work with; None alone.
        checkpoint: Folder to leave what was reached in and to go on from; None without.
        stopping: Asked now and then; once true, the fit ends with what it has.
        watch: Told after each round, by an estimator that goes by rounds, how many are done. What it raises
            ends the fit.
        calibrated: Whether to calibrate at the end, where the estimator can; comparing needs none.
    """

    seed: int = 0
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)
    cluster: Cluster | None = None
    checkpoint: Path | None = None
    stopping: Callable[[], bool] = never
    watch: Callable[[int], None] | None = None
    calibrated: bool = True

    def alone(self) -> Self:
        """The same for a fit on the side, which shares, leaves and tells nothing."""
        return replace(self, cluster=None, checkpoint=None, watch=None)


def overridden(own: Mapping[str, float], given: Mapping[str, float | int | str]) -> dict[str, Any]:
    """A model's own hyperparameters with those given in place, each as the kind of number it was.

    Raises:
        TrainingError: When one is not known, or is no such number.
    """
    parameters = dict(own)
    for name, value in given.items():
        if name not in own:
            raise TrainingError(f"There is no hyperparameter {name!r}: there are {', '.join(own)}.")
        kind = type(own[name])
        try:
            parameters[name] = kind(value)
        except ValueError as error:
            wanted = "a whole number" if kind is int else "a number"
            raise TrainingError(f"The hyperparameter {name} is to be {wanted}, not {value!r}.") from error
    return parameters
