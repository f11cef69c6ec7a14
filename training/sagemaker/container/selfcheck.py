"""`python -m training.sagemaker.container.selfcheck`: checks that the training image can train."""

import json
import sys
import tempfile
from pathlib import Path

from bundle import read_directory
from training.catalog import load_model, model_names
from training.sagemaker.__main__ import main as run

SMALLEST = "iris"


def main() -> int:
    """Loads every model, with the libraries it needs, and trains the smallest.

    Returns:
        The exit code: 0 when its bundle can be read.
    """
    for name in model_names():
        load_model(name)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "input" / "config"
        config.mkdir(parents=True)
        (config / "hyperparameters.json").write_text(json.dumps({"model": SMALLEST}))
        code = run(["train"], {"SAGEMAKER_BASE_DIR": folder})
        return code or read_directory(Path(folder) / "model").manifest.name != SMALLEST


if __name__ == "__main__":
    sys.exit(main())
