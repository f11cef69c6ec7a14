"""Load by wrk, which sends as fast as the server answers."""

import resource
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.errors import BenchmarkError
from benchmarks.load.requests import Request
from benchmarks.machine.host import LOAD_CORE, pinned

# Requests are formatted in advance to leave the core of the load to wrk.
_SCRIPT = """
local requests, position = {}, 0
local bodies = {
%s
}
function init()
  for _, body in ipairs(bodies) do
    requests[#requests + 1] = wrk.format("POST", "%s", {["content-type"] = "%s"}, body)
  end
end
function request()
  position = position %% #requests + 1
  return requests[position]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("\\nRESULT %%d %%d %%f %%f %%d %%d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.status, e.connect + e.read + e.write + e.timeout))
end
"""


class Outcome(NamedTuple):
    """Counts of wrk; latencies in microseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float


def script(requests: Sequence[Request]) -> str:
    """Returns a Lua script that sends these requests in turn; all have the same path and content type."""
    bodies = ",\n".join(f"[==[\n{request.body}]==]" for request in requests)
    return _SCRIPT % (bodies, requests[0].path, requests[0].content_type)


def load(*, port: int, script: Path, connections: int, seconds: int) -> Outcome:
    """Posts as fast as the server answers, over kept-alive connections, from the load's core.

    Raises:
        BenchmarkError: A response is not 200, or is missing.
    """
    wrk = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    wrk += ["--timeout", "20s", "--script", str(script), f"http://127.0.0.1:{port}"]
    done = subprocess.run(
        pinned(LOAD_CORE, wrk), capture_output=True, text=True, check=False, encoding="utf-8"
    )
    if done.returncode:
        raise BenchmarkError(f"wrk failed: {(done.stderr or done.stdout).strip()[:300]}")
    return parse(done.stdout)


class Generator:
    """wrk with a thread on each of its cores."""

    def __init__(self, port: int, script: Path, *, connections: int, cores: Sequence[int]) -> None:
        """Creates the generator; it sends the requests of a script to a port of this machine."""
        self._cores = cores
        listed = ",".join(map(str, cores))
        self._command = ["taskset", "--cpu-list", listed, "wrk", "--threads", str(len(cores))]
        self._command += ["--connections", str(connections), "--timeout", "20s", "--script", str(script)]
        self._target = f"http://127.0.0.1:{port}"

    def send(self, seconds: int) -> None:
        """Sends for so many seconds; to warm up.

        Raises:
            BenchmarkError: A request failed.
        """
        with self.sending(seconds) as finish:
            finish()

    @contextmanager
    def sending(self, seconds: int) -> Iterator[Callable[[], tuple[Outcome, float]]]:
        """Sends in the background; yields a function that returns the counts and the share of busy cores.

        The block begins when half of the time has passed.

        Raises:
            BenchmarkError: A request failed.
        """
        command = [*self._command, "--duration", f"{seconds}s", self._target]
        before = _children_seconds()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")

        def finish() -> tuple[Outcome, float]:
            output, _ = process.communicate()
            outcome = parse(output)
            return outcome, (_children_seconds() - before) / outcome.seconds / len(self._cores)

        try:
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds / 2)
            yield finish
        finally:
            process.kill()
            process.wait()


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def parse(output: str) -> Outcome:
    """Parses the output of wrk.

    Raises:
        BenchmarkError: There are no counts, or a request failed.
    """
    line = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise BenchmarkError(f"wrk printed no result: {output.strip()}")
    requests, microseconds, p50, p99, refused, lost = map(float, line.split()[1:])
    if not requests:
        raise BenchmarkError("no request got a response in time: use a longer duration (--seconds)")
    if refused or lost:
        raise BenchmarkError(
            f"of {requests:,.0f} requests {refused:,.0f} got an error and {lost:,.0f} no response"
        )
    return Outcome(int(requests), microseconds / 1e6, p50, p99)
