"""Whole files scored on AWS by a SageMaker batch transform job with the model of a deployed stack."""
