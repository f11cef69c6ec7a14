"""`python -m benchmarks.contenders NAME PORT FOLDER`: runs a contender in its own process and environment."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    _, name, port, folder = sys.argv
    importlib.import_module(f"benchmarks.contenders.{name}").serve(int(port), Path(folder))
