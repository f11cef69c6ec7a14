"""Fits on made rows as one machine of several, and stops after so many rounds: a process for tests."""

import sys
from pathlib import Path

from tests.training.features.made import days, made, made_frame, pipeline
from training.plan import Cluster, Plan

if __name__ == "__main__":
    rank, machines, out, rounds = (
        int(sys.argv[1]),
        tuple(sys.argv[2].split(",")),
        Path(sys.argv[3]),
        int(sys.argv[4]),
    )
    done: list[int] = []
    rows = made(20_000)
    plan = Plan(
        cluster=Cluster(machines=machines, rank=rank),
        watch=done.append,
        stopping=lambda: len(done) >= rounds,
    )
    model = pipeline(plan).fit(made_frame(rows), rows.target, dates=days(rows))
    out.write_text(model["boosting"].booster_.model_to_string(), encoding="utf-8")
