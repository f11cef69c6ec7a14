"""Columns of Arrow: types that texts have, and their values as those of Python."""
