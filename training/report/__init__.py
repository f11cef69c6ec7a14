"""What came of a training job: for a terminal, for a program, and as a page."""

from training.report.report import Report

__all__ = ["Report"]
