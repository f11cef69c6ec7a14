"""SageMaker on this machine: its API, hosting with serving processes, training with training processes."""
