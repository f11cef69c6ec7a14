"""Estimators of our own, and how each is written as ONNX operators."""
