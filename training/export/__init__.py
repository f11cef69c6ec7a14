"""Export: the fitted model as one ONNX graph in a bundle."""
