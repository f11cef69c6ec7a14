"""HTTP/1.1 server: listener, connections, request parser, responses, metrics and access log."""
