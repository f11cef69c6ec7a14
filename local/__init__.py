"""AWS on this machine: the MiniStack emulator extended by SageMaker, and the CDK CLI that deploys to it."""

import sys
from importlib.util import find_spec

# While Python looks for the module of `python -m`.
if sys.argv[:1] == ["-m"] and find_spec("ministack") is None:
    from terminal_output import end_without_packages

    end_without_packages()
