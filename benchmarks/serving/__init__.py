"""Measurement of the serving process and of other servers."""
