"""Several front processes in one server: their parent, its connections, and the state that they share."""
