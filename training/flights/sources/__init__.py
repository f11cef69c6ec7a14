"""Where flight files come from: the sample, the BTS site, S3 and local paths."""
