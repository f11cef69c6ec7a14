"""Zip file of the model's Lambda function: our code, and packages for Lambda's platform."""
