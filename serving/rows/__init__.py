"""Rows: request bodies in JSON or CSV, decoded to valid columns of values or to errors by row and field."""
