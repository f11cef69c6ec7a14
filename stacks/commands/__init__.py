"""Commands around `cdk deploy`."""
