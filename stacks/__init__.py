"""The CDK stack: its constructs, settings, validations, costs and commands."""
