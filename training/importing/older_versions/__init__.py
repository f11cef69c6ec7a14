"""Files of earlier versions of scikit-learn."""
