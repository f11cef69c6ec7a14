"""Training, here or as a container's program, with one more model: one that fits until it is told to stop."""

import os
import sys
from pathlib import Path

from training import __main__ as here
from training import models
from training.sagemaker import __main__ as container

if __name__ == "__main__":
    models.__path__.append(str(Path(__file__).with_name("models")))
    words = sys.argv[1:]
    sys.exit(container.main(words, os.environ) if words == ["train"] else here.main(words))
