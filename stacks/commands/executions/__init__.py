"""Executions of the state machines of a deployed stack."""
