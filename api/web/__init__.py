"""Shared parts of the pages: security headers, colours, HTML elements, and the input of the API key."""
