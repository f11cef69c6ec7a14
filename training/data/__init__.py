"""Training rows: sources, dataset, split, and the inputs of pipeline and graph."""
