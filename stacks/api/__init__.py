"""REST API on API Gateway."""
