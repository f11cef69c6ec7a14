"""Retraining: the state machine that trains, judges, registers, releases and verifies a version."""
