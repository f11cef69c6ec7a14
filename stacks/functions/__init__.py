"""Lambda functions from the folders of lambda_src/, and their log groups."""
