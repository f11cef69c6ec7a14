"""The configuration that serves after a deployment."""
