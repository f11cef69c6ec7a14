"""Load on one server by wrk, and what the server spent on it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[{body}]==]
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("\\nRESULT %d %d %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """Requests a second; latencies and the server's processor time a request in microseconds."""

    throughput: float
    p50: float
    p99: float
    cpu: float


def measure(
    *, pid: int, port: int, body: bytes, connections: int, seconds: int, core: int, folder: Path
) -> Result:
    """Loads `port` with the same request over `connections` kept-alive connections, from `core`."""
    script = folder / "post.lua"
    script.write_text(_SCRIPT.format(body=body.decode()))
    before = _cpu_seconds(pid)
    output = subprocess.run(
        [
            *("taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"),
            *("-s", str(script), f"http://127.0.0.1:{port}/invocations"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    spent = _cpu_seconds(pid) - before
    requests, duration, p50, p99, errors = map(float, output.split("RESULT ")[1].split())
    if errors:
        raise RuntimeError(f"{errors:g} requests failed:\n{output}")
    return Result(throughput=requests / duration * 1e6, p50=p50, p99=p99, cpu=spent / requests * 1e6)


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and its children, in all their threads."""
    total = 0.0
    for process in [pid, *_children(pid)]:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
