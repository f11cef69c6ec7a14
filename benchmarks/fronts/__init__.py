"""Measurement of the serving process with more and more workers and fronts."""
