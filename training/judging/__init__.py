"""Judging: compares a challenger with the champion on rows that neither has learned from."""
