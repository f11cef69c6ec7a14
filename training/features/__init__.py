"""Transformers and classifiers that models are built from, some with their ONNX converters."""
