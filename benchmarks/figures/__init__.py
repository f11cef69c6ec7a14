"""Figures of the servers: results, goals, tables and a bar chart."""
