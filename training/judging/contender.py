"""Contender: the champion or the challenger, run through the graph that serves."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bundle import Bundle, BundleError, Columns, Manifest, read_archive
from training.errors import TrainingError
from training.export.golden_rows import prediction
from training.export.graph_scorer import GraphScorer
from training.model import Model

CHAMPION, CHALLENGER = "champion", "challenger"

Tensors = Mapping[str, NDArray[Any]]

_TIMED_ROWS = 5_000
_TIMED_RUNS = 5
_MICROSECONDS = 1e6


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A bundle that takes part.

    Attributes:
        role: CHAMPION or CHALLENGER.
        bundle: The bundle.
        scorer: Runs its graph.
    """

    role: str
    bundle: Bundle
    scorer: GraphScorer

    @classmethod
    def read(cls, role: str, path: Path) -> Self:
        """Reads a bundle and loads its graph.

        Raises:
            TrainingError: When it is not a bundle, or its graph cannot be loaded.
        """
        try:
            bundle = read_archive(path)
            return cls(role=role, bundle=bundle, scorer=GraphScorer(bundle.model, bundle.manifest.fields))
        except BundleError as error:
            raise TrainingError(f"The {role} {path} cannot be judged. {error}") from error
        # ONNX Runtime has no common class of its errors.
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise TrainingError(
                f"The graph of the {role} {path} cannot be loaded ({reason}): train it again."
            ) from error

    @property
    def manifest(self) -> Manifest:
        """Manifest of the bundle."""
        return self.bundle.manifest

    @property
    def name(self) -> str:
        """Role and version, for sentences."""
        return f"{self.role} {self.manifest.version}"

    @property
    def learned_rows(self) -> int:
        """Number of rows that the model has learned from."""
        reference = self.manifest.reference
        return reference.rows if reference else self.manifest.data.rows

    def outputs(self, tensors: Mapping[str, Tensors]) -> dict[str, NDArray[Any]]:
        """Runs the graph on the rows of each situation."""
        return {situation: self.scorer.score(rows) for situation, rows in tensors.items()}

    def missed_golden_rows(self) -> int:
        """Counts the golden rows that the graph does not predict as the manifest says."""
        golden = self.manifest.golden
        outputs = self.scorer.score_instances([row.instance for row in golden])
        return sum(
            not row.matches(prediction(self.manifest, output.tolist()))
            for row, output in zip(golden, outputs, strict=True)
        )


def check_fields(model: Model, name: str, contender: Contender) -> None:
    """Checks that a model's file reads the rows as the graph of a contender needs them.

    Raises:
        TrainingError: When it does not.
    """
    own, found = Columns(model.fields), Columns(contender.manifest.fields)
    if (own.numbers, own.strings, model.labels, model.task) != (
        found.numbers,
        found.strings,
        contender.manifest.labels,
        contender.manifest.task,
    ):
        raise TrainingError(
            f"The {contender.name} has other fields or labels than the model {name} of this checkout, which "
            "reads the rows: judge with the version of the code that trained it."
        )


def microseconds_a_row(
    contenders: Sequence[Contender],
    tensors: Tensors,
    clock: Callable[[], float] = time.process_time,
) -> list[float]:
    """Measures the processor time of each graph, in turns, so that a busy machine slows each of them.

    Args:
        contenders: The contenders.
        tensors: Rows of one situation.
        clock: Returns the processor time of this process in seconds.

    Returns:
        The shortest of five runs of each.
    """
    timed = {name: tensor[:_TIMED_ROWS] for name, tensor in tensors.items()}
    rows = max(len(tensor) for tensor in timed.values())
    times = np.empty((_TIMED_RUNS, len(contenders)))
    for run in range(_TIMED_RUNS):
        for position, contender in enumerate(contenders):
            start = clock()
            contender.scorer.score(timed)
            times[run, position] = clock() - start
    return [float(seconds) / rows * _MICROSECONDS for seconds in times.min(axis=0)]
