"""Pages for users and maintainers, and the command that writes their generated tables."""
