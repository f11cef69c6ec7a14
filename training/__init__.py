"""Training of a model: data, fit, evaluation, bundle and report."""

import os

# ONNX Runtime reads it at import; without it, it sends usage events (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
