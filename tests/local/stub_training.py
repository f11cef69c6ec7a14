"""Stub training program; its hyperparameters `fail` and `wait` control it, its folder is a real /opt/ml."""

import json
import os
import signal
import sys
import time
from pathlib import Path

BASE = Path(os.environ["SAGEMAKER_BASE_DIR"])
HYPERPARAMETERS = json.loads((BASE / "input" / "config" / "hyperparameters.json").read_text())
HOSTS = json.loads((BASE / "input" / "config" / "resourceconfig.json").read_text())


def finish(*_: object) -> None:
    """Writes a report of all inputs as the model, and exits."""
    rows = BASE / "input" / "data"
    report = {
        "hosts": HOSTS,
        "channels": json.loads((BASE / "input" / "config" / "inputdataconfig.json").read_text()),
        "files": {
            path.relative_to(rows).as_posix(): path.read_text(errors="replace")
            for path in rows.rglob("*")
            if path.is_file()
        },
        "environment": dict(os.environ),
        "checkpoints": [path.name for path in (BASE / "checkpoints").glob("*")],
    }
    if HOSTS["current_host"] == HOSTS["hosts"][0]:
        (BASE / "model" / "report.json").write_text(json.dumps(report))
        (BASE / "output" / "data" / "report.txt").write_text("well")
    if (BASE / "checkpoints").exists():
        (BASE / "checkpoints" / "reached").write_text("something")
    print("score=0.5;\nscore=0.75;", flush=True)
    sys.exit(0)


def main() -> None:
    """Fails, waits for SIGTERM, or finishes."""
    print("begun", flush=True)
    if "fail" in HYPERPARAMETERS and HOSTS["current_host"] == HOSTS["hosts"][-1]:
        if HYPERPARAMETERS["fail"]:
            (BASE / "output" / "failure").write_text(HYPERPARAMETERS["fail"])
        sys.exit(3)
    if "wait" in HYPERPARAMETERS or "fail" in HYPERPARAMETERS:
        # Beside a failed instance, it ends by the signal.
        if "wait" in HYPERPARAMETERS:
            is_deaf = HYPERPARAMETERS["wait"] == "ignore SIGTERM"
            signal.signal(signal.SIGTERM, signal.SIG_IGN if is_deaf else finish)
        print(f"waiting as {os.getpid()}", flush=True)
        time.sleep(600)
    finish()


if __name__ == "__main__":
    main()
