"""Training rows: reading, splitting and matrices."""
