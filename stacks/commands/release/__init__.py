"""Commands that release another version of the model of a deployed stack."""
