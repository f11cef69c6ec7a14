"""Command line of the commands about a deployed stack: arguments, account, errors, exit codes."""
