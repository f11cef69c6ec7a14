"""`python -m benchmarks.invoker.contender NAME [URL REQUESTS]`: measures one contender.

Without a URL it prints the milliseconds of a cold start; with one, the microseconds of each request as JSON.
"""

import importlib
import json
import sys
import time

BODY = json.dumps({"size": 1.5, "kind": "a", "when": "2026-01-31"})
WARM_UP = 200

if __name__ == "__main__":
    begun = time.perf_counter()
    name, url, requests = (*sys.argv[1:], "", "0")[:3]
    invoke = importlib.import_module(f"benchmarks.invoker.{name}").start(url)
    if not url:
        print((time.perf_counter() - begun) * 1e3)
    else:
        latencies = []
        for _ in range(WARM_UP + int(requests)):
            start = time.perf_counter()
            invoke(BODY)
            latencies.append((time.perf_counter() - start) * 1e6)
        print(json.dumps(latencies[WARM_UP:]))
