"""Lambda functions, a folder each: standard library and boto3 only, no imports from other rooms."""
