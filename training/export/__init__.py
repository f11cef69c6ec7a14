"""Export of a fitted scikit-learn pipeline: its ONNX graph, and the verified bundle around it."""
