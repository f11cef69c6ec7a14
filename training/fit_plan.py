"""Plan of a fit: seed, hyperparameters, cluster, checkpoint and end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from training.errors import TrainingError


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The machines of a distributed fit.

    Attributes:
        machines: Each as "host:port", in the same order on all machines.
        rank: Position of this machine.
    """

    machines: tuple[str, ...]
    rank: int


def never() -> bool:
    """Returns false; a lambda instead could not be pickled with a fitted pipeline."""
    return False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Input of one fit beyond its rows.

    Attributes:
        seed: Seed of the random numbers.
        parameters: Hyperparameters that override the model's own.
        cluster: Machines of a distributed fit; None for this machine alone.
        checkpoint: Folder to save the fit's progress in and to resume it from; None for no checkpoint.
        stopping: Polled after each boosting round; true ends the fit with the trees so far.
        watch: Called after each boosting round with the number of rounds done; its exceptions end the fit.
        calibrated: Whether to calibrate probabilities after the fit; tuning does not need it.
    """

    seed: int = 0
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)
    cluster: Cluster | None = None
    checkpoint: Path | None = None
    stopping: Callable[[], bool] = never
    watch: Callable[[int], None] | None = None
    calibrated: bool = True

    def alone(self) -> Self:
        """Copies the plan for a fit without cluster, checkpoint and watch."""
        return replace(self, cluster=None, checkpoint=None, watch=None)


def overridden(own: Mapping[str, float], given: Mapping[str, float | int | str]) -> dict[str, Any]:
    """Overrides a model's own hyperparameters; each keeps its type, int or float.

    Raises:
        TrainingError: When a name is unknown, or a value is not a number of that type.
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
            raise TrainingError(f"The hyperparameter {name} must be {wanted}, not {value!r}.") from error
    return parameters
