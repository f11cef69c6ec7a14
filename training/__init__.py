"""Training of a model: data, fit, evaluation, bundle and report."""

import os
import sys
from importlib.util import find_spec

# ONNX Runtime reads it at import; without it, it sends usage events (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# While Python looks for the module of `python -m`.
if sys.argv[:1] == ["-m"] and find_spec("msgspec") is None:
    from terminal_output import end_without_packages

    end_without_packages()
