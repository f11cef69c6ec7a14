"""Data capture: requests and responses of an endpoint, written to S3 as SageMaker writes them."""
