"""Flights: sources, cleaning, dataset, and the fields of a request."""
