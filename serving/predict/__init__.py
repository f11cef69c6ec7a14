"""Prediction: request headers and query to parameters, request body to response body, without HTTP."""
