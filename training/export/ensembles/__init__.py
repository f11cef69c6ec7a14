"""Ensembles of scikit-learn in a graph: voting, stacking and calibration, with members of any kind."""
