"""Boosters of LightGBM, XGBoost and scikit-learn as graphs: trees, categories, functions of objectives."""
