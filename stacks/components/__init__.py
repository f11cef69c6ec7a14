"""The parts of the stack, one noun a file; none knows another."""
