"""Monitoring of a deployed model: captured requests beside what training saw, on a page and as metrics."""

# Days of a window, unless told otherwise: a week has all days of the week, and shows how much days differ.
WINDOW_DAYS = 7
