"""What is checked at every synth, and what of it is acknowledged."""

from stacks.gates.guard import guard

__all__ = ["guard"]
