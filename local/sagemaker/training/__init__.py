"""SageMaker training on this machine: each instance of a training job is a process."""
