"""Time of one request, step by step, through the real server."""
