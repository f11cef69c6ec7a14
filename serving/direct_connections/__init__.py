"""Direct connections: that of a lone client is handed over to a worker, which answers it without the front.

`connection_handover` runs in the front, `direct_connection` in the worker process, `handover_memory` in both.
"""
