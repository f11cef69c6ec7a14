"""Fields of a table: inferred from its columns, kept in a file that people can correct."""
