"""Costs of warnings and reasons: the same rows predicted with and without them, in one process."""
