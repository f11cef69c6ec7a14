"""Execution environments of functions: processes with their files, memory and time limited as on Lambda."""
