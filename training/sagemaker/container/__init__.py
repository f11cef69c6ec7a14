"""Training container: SageMaker's contract of folders and signals, and the training job within it."""
