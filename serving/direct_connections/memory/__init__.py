"""Memory that a worker and its front share: slots of connections, counts and records of responses."""
