"""Zip files of Lambda functions: our code, and packages for Lambda's platform."""
