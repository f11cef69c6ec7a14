"""A training program for tests: it does what its hyperparameters tell it to, over a real /opt/ml."""

import json
import os
import signal
import sys
import time
from pathlib import Path

BASE = Path(os.environ["SAGEMAKER_BASE_DIR"])
TOLD = json.loads((BASE / "input" / "config" / "hyperparameters.json").read_text())
HOSTS = json.loads((BASE / "input" / "config" / "resourceconfig.json").read_text())


def finish(*_: object) -> None:
    """Leave a model that holds all there was to see."""
    rows = BASE / "input" / "data"
    seen = {
        "hosts": HOSTS,
        "channels": json.loads((BASE / "input" / "config" / "inputdataconfig.json").read_text()),
        "files": {
            path.relative_to(rows).as_posix(): path.read_text() for path in rows.rglob("*") if path.is_file()
        },
        "environment": dict(os.environ),
        "checkpoints": [path.name for path in (BASE / "checkpoints").glob("*")],
    }
    if HOSTS["current_host"] == HOSTS["hosts"][0]:
        (BASE / "model" / "seen.json").write_text(json.dumps(seen))
        (BASE / "output" / "data" / "report.txt").write_text("well")
    if (BASE / "checkpoints").exists():
        (BASE / "checkpoints" / "reached").write_text("something")
    print("score=0.5;\nscore=0.75;", flush=True)
    sys.exit(0)


def main() -> None:
    """Fail, wait to be stopped, or finish."""
    print("begun", flush=True)
    if "fail" in TOLD and HOSTS["current_host"] == HOSTS["hosts"][-1]:
        if TOLD["fail"]:
            (BASE / "output" / "failure").write_text(TOLD["fail"])
        sys.exit(3)
    if "wait" in TOLD or "fail" in TOLD:
        signal.signal(signal.SIGTERM, signal.SIG_IGN if TOLD.get("wait") == "deaf" else finish)
        print(f"waiting as {os.getpid()}", flush=True)
        time.sleep(600)
    finish()


if __name__ == "__main__":
    main()
