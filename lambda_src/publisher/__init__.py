"""Lambda function behind the custom resources: publishes a bundle, and checks what the endpoint serves."""
