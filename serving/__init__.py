"""The serving process: one model behind SageMaker's hosting contract."""

import os

# Before it is first imported: ONNX Runtime else writes a device identifier to the home folder, starts a
# thread and sends usage events out (its Privacy.md, "Disabling Telemetry").
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
