"""Direct connections: those of clients that repeat one head are handed over to workers, past the front.

`connection_handovers` runs in the front, `direct_connections` in the worker, `memory` in both.
"""
