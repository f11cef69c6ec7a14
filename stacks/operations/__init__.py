"""Alarms, dashboard, budget and firewall."""
