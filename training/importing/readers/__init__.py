"""Readers of model files: ONNX, scikit-learn, LightGBM, XGBoost and MLflow."""
