"""Measurement of the serving process and of the other servers, each as one contender."""
