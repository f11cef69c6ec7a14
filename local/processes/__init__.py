"""The emulator's life cycle: start, find and stop its processes, with lock file, port and log file."""
