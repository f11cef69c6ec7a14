"""One machine of a distributed fit on made rows, as a process: fits to the end, then once more and stops."""

import sys
from pathlib import Path

from tests.training.features.made import days, made, made_frame, pipeline
from training.plan import Cluster, Plan

ROWS = 20_000


def fit(cluster: Cluster, out: Path, rounds: float) -> None:
    """Fits until so many rounds are done, and writes the trees."""
    done: list[int] = []
    rows = made(ROWS)
    plan = Plan(cluster=cluster, watch=done.append, stopping=lambda: len(done) >= rounds)
    model = pipeline(plan).fit(made_frame(rows), rows.target, dates=days(rows))
    out.write_text(model["boosting"].booster_.model_to_string(), encoding="utf-8")


if __name__ == "__main__":
    rank, folder = int(sys.argv[1]), Path(sys.argv[2])
    first, second = (
        Cluster(machines=tuple(machines.split(",")), rank=rank) for machines in (sys.argv[3], sys.argv[4])
    )
    fit(first, folder / f"whole-{rank}", float("inf"))
    # The machine of rank 0 stops before a round that the other one begins.
    fit(second, folder / f"stopped-{rank}", 5 + rank)
