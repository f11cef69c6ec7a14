"""Lambda function behind the custom resource that publishes a bundle in the artifact bucket."""
