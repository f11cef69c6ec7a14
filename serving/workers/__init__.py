"""Worker processes: dispatch of requests, supervision and health."""
