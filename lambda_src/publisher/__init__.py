"""Lambda function behind the custom resources: publishes and registers a bundle, and checks what serves."""
