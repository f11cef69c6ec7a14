"""Several front processes in one server: their parent, its connections, and what they share."""
