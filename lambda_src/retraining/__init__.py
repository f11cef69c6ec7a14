"""Lambda functions behind the states of a retraining; each has a handler and a role of its own."""
