"""ONNX operators of estimators that skl2onnx does not know, or converts wrongly."""
