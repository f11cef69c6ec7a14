"""Charts of the report page, drawn with Matplotlib."""
