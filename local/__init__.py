"""AWS on this machine: MiniStack plus SageMaker hosting, and the real CDK CLI deploying to it."""
