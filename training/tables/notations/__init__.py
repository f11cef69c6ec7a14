"""Notations of numbers, dates and times in the texts of a table, and their values."""
