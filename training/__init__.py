"""Training of a model: data, fit, evaluation, bundle and report."""

import os
from importlib.util import find_spec

# ONNX Runtime reads it at import; without it, it sends usage events (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# The image of training jobs has the packages, and no terminal_output.py.
if find_spec("terminal_output"):
    from terminal_output import require_packages

    require_packages("msgspec")
