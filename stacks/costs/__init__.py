"""Monthly costs of the settings in each hosting, from a dated price table."""
