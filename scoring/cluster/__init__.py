"""Scoring as a job of Apache Spark: the same batches, on the machines of a cluster."""
