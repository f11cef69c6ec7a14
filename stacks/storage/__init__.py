"""Artifact bucket."""
