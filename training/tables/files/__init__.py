"""Readers of a table's file: texts with delimiters, Parquet and JSON, block by block into compact columns."""
