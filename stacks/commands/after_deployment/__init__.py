"""What serves after a deployment."""
