"""Model registry of SageMaker: model package groups and the versions in them.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
"""
