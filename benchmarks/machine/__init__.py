"""The machine that measures: its cores, and the processor time and memory of processes."""
