"""Cores of the machine, and processor time and memory of processes."""
