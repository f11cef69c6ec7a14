"""Results of the serving benchmark: goals, tables and a bar chart."""
