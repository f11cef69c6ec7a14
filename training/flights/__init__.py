"""Where flights come from, and how they become rows to learn from."""

from training.flights.reader import flights_reader
from training.flights.sources.source import KINDS

__all__ = ["KINDS", "flights_reader"]
