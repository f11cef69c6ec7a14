"""Reference of a bundle: what training saw, and the fields of a row narrowed to it."""
