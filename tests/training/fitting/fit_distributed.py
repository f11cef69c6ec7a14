"""One machine of a distributed fit, as a process: one complete fit, then one stopped fit."""

import sys
from pathlib import Path

from tests.training.features.generated_rows import data_frame, days, generated_rows, pipeline
from training.fit_plan import Cluster, Plan

ROWS = 20_000


def fit(cluster: Cluster, out: Path, rounds: float) -> None:
    """Fits for at most this number of rounds, and writes the trees."""
    done: list[int] = []
    rows = generated_rows(ROWS)
    plan = Plan(cluster=cluster, watch=done.append, stopping=lambda: len(done) >= rounds)
    model = pipeline(plan).fit(data_frame(rows), rows.target, dates=days(rows))
    out.write_text(model["boosting"].booster_.model_to_string(), encoding="utf-8")


if __name__ == "__main__":
    rank, folder = int(sys.argv[1]), Path(sys.argv[2])
    first, second = (
        Cluster(machines=tuple(machines.split(",")), rank=rank) for machines in (sys.argv[3], sys.argv[4])
    )
    fit(first, folder / f"complete-{rank}", float("inf"))
    # The machine of rank 0 stops one round earlier than the machine of rank 1.
    fit(second, folder / f"stopped-{rank}", 5 + rank)
