"""This project on one table: prints score and processor seconds as JSON."""

import json
import sys
import tempfile
import time
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.tables.scores import score
from training.data.data_options import DataOptions
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.progress import SILENT
from training.tables.table_preparation import TableRequest, prepare


def main(folder: Path, name: str) -> None:
    """Trains on the training file, with its own choices, and predicts the test file.

    The test rows are random ones, which the project is told: it would split a table of dates by time.
    """
    target = (folder / f"{name}.target").read_text(encoding="utf-8")
    request = {"source": str(folder / f"{name}.train.csv"), "target": target}
    with tempfile.TemporaryDirectory() as out, threadpool_limits(1, user_api="blas"):
        started = time.process_time()
        prepared = prepare(TableRequest(**request, out=Path(out), random_split=True), SILENT)
        fitted = fit(prepared.model, prepared.model.read(DataOptions()), Plan())
        seconds = time.process_time() - started
    test = prepared.table.read(DataOptions(source=str(folder / f"{name}.test.csv")))
    found = score(prepared.model.task, test.target, fitted.outputs(test)[""])
    print(json.dumps({"score": found, "seconds": seconds, "chosen": prepared.recipe.kind}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
