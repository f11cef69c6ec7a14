"""Lambda functions from folders of Python."""
