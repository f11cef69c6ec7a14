"""Retraining: the state machine that trains, judges, registers, releases and proves a version."""
