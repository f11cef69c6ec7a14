"""States of a retraining with which a run may begin, or begin again after a failure."""

RUN_ENTRIES = ("Train", "Judge", "Register", "Release", "Verify")
