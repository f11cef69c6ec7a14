"""Lambda function behind the REST API: forwards requests to the model and reports its health."""
