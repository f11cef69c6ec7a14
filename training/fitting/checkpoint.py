"""What was reached, left for a fit that is to go on from there."""

import hashlib
from pathlib import Path
from typing import Any

import lightgbm
import msgspec
import numpy as np
from numpy.typing import NDArray

DIGEST_BYTES = 8


class Checkpoint:
    """The trees so far, in a file that only the same rows and parameters find.

    Args:
        folder: Where it is; None keeps nothing.
        rows: What is learned from.
        target: What is learned.
        parameters: How.
    """

    def __init__(
        self, folder: Path | None, rows: NDArray[np.float32], target: NDArray[Any], parameters: dict[str, Any]
    ) -> None:
        self._path = folder and folder / f"trees-{_digest(rows, target, parameters)}.txt"

    def load(self) -> lightgbm.Booster | None:
        """The trees that were left, if any."""
        if self._path is None or not self._path.exists():
            return None
        return lightgbm.Booster(model_str=self._path.read_text(encoding="utf-8"))

    def save(self, booster: lightgbm.Booster) -> None:
        """Leaves the trees of a booster, in place of those before: all of them or none."""
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_suffix(".part")
            unfinished.write_text(booster.model_to_string(), encoding="utf-8")
            unfinished.replace(self._path)


def _digest(rows: NDArray[np.float32], target: NDArray[Any], parameters: dict[str, Any]) -> str:
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    digest.update(np.ascontiguousarray(rows).data.cast("B"))
    digest.update(np.ascontiguousarray(target).data.cast("B"))
    digest.update(msgspec.json.encode(parameters))
    return digest.hexdigest()
