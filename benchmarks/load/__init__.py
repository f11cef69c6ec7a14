"""Load for HTTP servers: requests, wrk, and a generator with a constant rate."""
