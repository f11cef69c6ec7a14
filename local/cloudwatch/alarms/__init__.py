"""Metric alarms: their datapoints, states, reasons and actions."""
