"""States of a retraining's state machine with which a run may begin, or resume after a failure."""

RUN_ENTRIES = ("Train", "Judge", "Register", "Release", "Verify")
