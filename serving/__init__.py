"""The serving image: HTTP server, worker processes and Lambda function, by SageMaker's hosting contract."""

import os

# Set before ONNX Runtime is imported: otherwise it writes a device identifier to the home folder, starts a
# thread and sends usage events (its Privacy.md, "Disabling Telemetry").
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
