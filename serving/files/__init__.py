"""Whole files of S3: byte ranges of an object to rows, and rows with predictions to objects."""
