"""Commands that cdk.json and the Makefile run before and around `cdk deploy`."""
