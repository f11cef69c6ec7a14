"""Outcomes: what really happened, joined to captured predictions, beside the metrics of the manifest."""
