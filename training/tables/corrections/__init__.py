"""Checks of what people write into the file of the fields, table.toml."""
