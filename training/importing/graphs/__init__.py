"""Graphs of imported models: inputs, meaning of outputs, and composition for serving."""

"serving."
