"""Data capture of a Lambda function: requests and responses, written to S3 as SageMaker writes them."""
