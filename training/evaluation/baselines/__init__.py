"""Baselines: constant and linear models beside a model, and the choice of the simplest one."""
