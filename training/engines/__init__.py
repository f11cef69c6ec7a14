"""What runs a cleaning expression: this process, a cluster, or a warehouse."""

ENGINES = ("duckdb", "spark", "athena")
