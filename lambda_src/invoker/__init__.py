"""The Lambda function between the API and the model."""
