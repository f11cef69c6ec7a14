"""Prints the import time of the invoker without botocore and its client, in milliseconds."""

import importlib
import time

from botocore.session import Session

if __name__ == "__main__":
    Session.create_client = lambda *_, **__: None
    begun = time.perf_counter()
    importlib.import_module("invoker.handler")
    print(1000 * (time.perf_counter() - begun))
