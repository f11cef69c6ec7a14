"""Outputs: parts as they are finished, and the whole file in the format of its suffix."""
