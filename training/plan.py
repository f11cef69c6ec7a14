"""How a model is to be fitted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The machines that grow one model together.

    Attributes:
        machines: Each as "host:port", in the same order on all of them.
        rank: Which one this is.
    """

    machines: tuple[str, ...]
    rank: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one fit is told beyond its rows.

    Attributes:
        seed: Of all that is drawn.
        parameters: Hyperparameters by their estimator's names, in place of the model's own.
        cluster: Whom to share the work with; None alone.
        checkpoint: Folder to leave what was reached in and to go on from; None without.
        stopping: Asked now and then; once true, the fit ends with what it has.
    """

    seed: int = 0
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)
    cluster: Cluster | None = None
    checkpoint: Path | None = None
    stopping: Callable[[], bool] = lambda: False
