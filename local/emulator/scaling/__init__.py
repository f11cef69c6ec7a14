"""Application Auto Scaling of SageMaker's endpoints: scalable targets and target tracking."""
