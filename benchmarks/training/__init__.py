"""How long training takes and how much memory, beside pandas and scikit-learn doing the same.

    python -m benchmarks.training

Both start from one CSV in Kaggle's columns and end with a model and its quality on the last fifth by time.
The CSV is made from the sample, again and again: its size is a year's, its quality is the sample's.
"""
