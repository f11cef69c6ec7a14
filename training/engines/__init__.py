"""Engines that run a cleaning expression: DuckDB in this process, Spark on a cluster, Amazon Athena."""
