"""Worker processes: the queue and pool that dispatch requests to them, their supervisors and health.

`worker` and `batch` run in the worker process, all other modules in the front.
"""
