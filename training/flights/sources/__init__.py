"""Sources of flights: the sample, files, S3 and the BTS site, and the dialects of their headers."""
