"""Prints the import time of the invoker without botocore and its connections, in milliseconds."""

import importlib
import time

import botocore.auth
import botocore.awsrequest
import botocore.httpsession
import botocore.utils

if __name__ == "__main__":
    botocore.httpsession.URLLib3Session = lambda **_: None
    begun = time.perf_counter()
    importlib.import_module("invoker.handler")
    print(1000 * (time.perf_counter() - begun))
