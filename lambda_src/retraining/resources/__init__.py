"""Resources of a retraining: stack, model registry, API, jobs, rows, and the lock of the runs."""
