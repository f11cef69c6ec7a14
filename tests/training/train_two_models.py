"""Trains iris, and flight_delay on every fortieth flight. Arguments: output folder and seed."""

import io
import sys
from pathlib import Path

import numpy as np

from training.data.data_options import DataOptions
from training.fit_plan import Plan
from training.model_catalog import load_model
from training.progress import Progress
from training.training_run import Job, run, train

if __name__ == "__main__":
    out, plan = Path(sys.argv[1]), Plan(seed=int(sys.argv[2]))
    progress = Progress(io.StringIO())
    run(Job(name="iris", model=load_model("iris"), plan=plan, out=out / "iris", page=False), progress)
    model = load_model("flight_delay")
    flights = model.read(DataOptions())
    some = flights.take(np.arange(0, len(flights), 40))
    job = Job(name="flight_delay", model=model, plan=plan, out=out / "flight_delay", page=False)
    train(job, some, model.split(some, plan.seed), progress)
