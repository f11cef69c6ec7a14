"""Code that runs as AWS Lambda functions, one folder each: the standard library and boto3 only."""
