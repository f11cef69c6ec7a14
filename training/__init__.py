"""How a model is made: data, fit, evaluation, bundle."""

import os

# Before ONNX Runtime is first imported: else it sends usage events out (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
