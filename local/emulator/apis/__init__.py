"""HTTP endpoints of the APIs that MiniStack lacks."""
