"""Training on SageMaker: the program of the training container, and the launcher of training jobs."""
