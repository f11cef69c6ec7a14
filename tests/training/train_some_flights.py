"""Trains on every fortieth flight. Arguments: output folder and seed. test_reproducible.py runs it twice."""

import io
import sys
from pathlib import Path

import numpy as np

from training.catalog import load_model
from training.data.data_options import DataOptions
from training.fit_plan import Plan
from training.progress import Progress
from training.training_run import Job, train

if __name__ == "__main__":
    out, seed = Path(sys.argv[1]), int(sys.argv[2])
    model = load_model("flight_delay")
    flights = model.read(DataOptions())
    some = flights.take(np.arange(0, len(flights), 40))
    job = Job(name="flight_delay", model=model, plan=Plan(seed=seed), out=out)
    train(job, some, model.split(some, seed), Progress(io.StringIO()))
