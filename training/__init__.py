"""Training of a model: data, fit, evaluation, bundle and report."""

import os

from terminal_output import begin_command

# ONNX Runtime reads it at import; without it, it sends usage events (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

begin_command("msgspec")
