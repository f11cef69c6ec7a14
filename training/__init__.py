"""Training of a model: data, fit, evaluation, bundle and report."""

import os

from terminal_output import require_packages

# ONNX Runtime reads it at import; without it, it sends usage events (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

require_packages("msgspec")
