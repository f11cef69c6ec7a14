"""Table of the training programs, each from a CSV to a model and its quality."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEDULE, WITH_DELAY = "schedule", "departure_delay"

Quality = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One training program.

    Attributes:
        title: Display name.
        command: Returns the command for the CSV and the output folder.
        quality: Parses the output of the program to metrics by situation.
    """

    title: str
    command: Callable[[Path, Path], list[str]]
    quality: Callable[[str], Quality]


def _train(csv: Path, folder: Path) -> list[str]:
    return [sys.executable, "-m", "training", MODEL, "--data", f"{csv}", "--out", f"{folder}", "--json"]


def _train_only(csv: Path, folder: Path) -> list[str]:
    return [*_train(csv, folder), "--no-report"]


def _classic(csv: Path, folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.training.scikit_learn_pickle", f"{csv}", f"{folder}"]


def _lightgbm(csv: Path, folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.training.lightgbm_booster", f"{csv}", f"{folder}"]


def _parse_ours(printed: str) -> Quality:
    metrics = json.loads(printed)["metrics"]
    return {
        situation: {name: metrics[name + suffix] for name in ("roc_auc", "brier_score")}
        for situation, suffix in ((SCHEDULE, ""), (WITH_DELAY, f"_{WITH_DELAY}"))
    }


def _parse(printed: str) -> Any:
    return json.loads(printed)


MODEL = json.loads((Path(__file__).parents[2] / "cdk.json").read_text(encoding="utf-8"))["context"]["model"]
CONTENDERS = {
    "ours": Contender(title="this project", command=_train, quality=_parse_ours),
    "no-report": Contender(
        title="this project, without its report", command=_train_only, quality=_parse_ours
    ),
    "lightgbm": Contender(title="pandas, LightGBM, a booster's file", command=_lightgbm, quality=_parse),
    "classic": Contender(title="pandas, scikit-learn, pickle", command=_classic, quality=_parse),
}
