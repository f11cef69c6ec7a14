"""Virtual environments of the project: made with uv from the lock files. Standard library only."""
