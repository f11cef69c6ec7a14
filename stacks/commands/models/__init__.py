"""Versions of a deployed stack in the model registry: the command that lists them, and a client."""
