"""Models, one file each: the file's name is the model's name, and its `MODEL` is the model."""
