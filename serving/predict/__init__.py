"""Predictions: a request body in, a response body out, without HTTP."""
