"""One contender as a process: `python -m benchmarks.invoker.contender <name> [<url> <requests>]`.

It prints milliseconds for a cold start; with a URL the microseconds of each request instead, as JSON.
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
    ask = importlib.import_module(f"benchmarks.invoker.{name}").start(url)
    if not url:
        print((time.perf_counter() - begun) * 1e3)
    else:
        taken = []
        for _ in range(WARM_UP + int(requests)):
            start = time.perf_counter()
            ask(BODY)
            taken.append((time.perf_counter() - start) * 1e6)
        print(json.dumps(taken[WARM_UP:]))
