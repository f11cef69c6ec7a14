"""Duration and memory of training, compared with pandas and LightGBM, and with pandas and scikit-learn.

    python -m benchmarks.training

All read the same CSV in the columns of Kaggle's data set, and measure their models on the last fifth by time.
The CSV repeats the sample up to the size of a year, so the quality is that of the sample.
"""
