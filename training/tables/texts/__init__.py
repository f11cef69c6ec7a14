"""Texts of a table: columns between spaces, and files without a header."""
