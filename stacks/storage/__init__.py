"""Artifact bucket: its construct and the keys of the bundles in it."""
