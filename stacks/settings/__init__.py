"""Settings: CDK context, checked."""
