"""`python -m training.sagemaker.container.selfcheck`: checks that the training image can train."""

import json
import sys
import tempfile
from pathlib import Path

from bundle import read_directory
from training.model_catalog import load_model, model_names
from training.sagemaker.__main__ import main as train

CHECKED_MODEL = "iris"


def main() -> int:
    """Imports every model with its libraries, and trains the smallest one.

    Returns:
        The exit code: 0 when the bundle can be read.
    """
    for name in model_names():
        load_model(name)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "input" / "config"
        config.mkdir(parents=True)
        (config / "hyperparameters.json").write_text(json.dumps({"model": CHECKED_MODEL}), encoding="utf-8")
        code = train(["train"], {"SAGEMAKER_BASE_DIR": folder})
        return code or read_directory(Path(folder) / "model").manifest.name != CHECKED_MODEL


if __name__ == "__main__":
    sys.exit(main())
