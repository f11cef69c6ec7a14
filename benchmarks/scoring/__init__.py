"""Duration, processor time and memory of scoring a file, compared with pandas and a scikit-learn pipeline.

    python -m benchmarks.scoring

Both read the same file of flights in the columns of Kaggle's data set, as CSV and as Parquet, and write its
rows with their predictions as Parquet: this project with the bundle of the default model, the rival with a
pipeline of as many trees, which it has fitted on the sample and pickled before.
"""
