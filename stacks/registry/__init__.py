"""Model registry of a stack: the SageMaker model package group with the versions of its model.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
"""
