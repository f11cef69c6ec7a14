"""Hourly weather at the airports of departure: its sources, and its join to flights."""
