"""Conversion of fitted scikit-learn pipelines to graphs, with the steps that skl2onnx leaves out."""
