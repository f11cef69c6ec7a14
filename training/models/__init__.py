"""The models, one a file: its name is the file's, and `MODEL` in it says everything else."""
