"""Postman collection of the API: requests, and tests of their responses."""
