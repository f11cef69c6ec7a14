"""Lambda functions of the emulator: limited execution environments, and what the API refuses."""
