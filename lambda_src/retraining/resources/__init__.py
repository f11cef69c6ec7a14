"""What the states read and change: the stack, its registry, its API, jobs, rows, and the lock of the runs."""
