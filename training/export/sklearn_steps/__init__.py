"""Converters of steps of scikit-learn that skl2onnx converts wrongly, in part or not at all."""
