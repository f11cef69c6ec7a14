"""Runs `python -m training`, or the container's program with `train`, with the extra models of the tests."""

import os
import sys
from pathlib import Path

from training import __main__ as command
from training import models
from training.sagemaker import __main__ as container

EXTRA_MODELS = str(Path(__file__).with_name("extra_models"))

if __name__ == "__main__":
    models.__path__.append(EXTRA_MODELS)
    arguments = sys.argv[1:]
    sys.exit(container.main(arguments, os.environ) if arguments == ["train"] else command.main(arguments))
