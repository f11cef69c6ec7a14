"""Request bodies as validated rows."""
