"""Models of a user's own table: fields, task, split and pipeline follow from the rows and the target."""
