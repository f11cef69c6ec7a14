"""Command that pauses a deployed service and wakes it."""
