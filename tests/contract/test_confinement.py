"""Serving without a network, a home, a known user, and writable folders.

These cases are skipped in an image, whose job runs all other cases as any user on a read-only root.
"""

import ctypes
import os
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.contract.support.process import HANG_SECONDS, HOST, Reply, ServingProcess, read_raw
from tests.contract.support.program import start_from_source
from tests.tiny_bundle import EXAMPLE

ANYONE = 10_001
LIBC = ctypes.CDLL(None, use_errno=True)

OFFLINE = ["unshare", "--net", "sh", "-euc", 'ip link set lo up; exec "$@"', "sh"]
# With permission to read every file of this checkout, and to write none.
AS_ANYONE = [
    "setpriv",
    f"--reuid={ANYONE}",
    f"--regid={ANYONE}",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
]
WITHOUT_HOME = ["env", "--unset=HOME"]


def read_only(folder: Path | str) -> list[str]:
    script = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec "$@"'
    return ["unshare", "--mount", "sh", "-euc", script, str(folder)]


class ConfinedProcess(ServingProcess):
    """The program behind commands that confine it."""

    module = "tests.contract.support.confined"

    def __init__(self, base: Path, words: list[str], **environment: str) -> None:
        if type(self).start is not start_from_source:
            pytest.skip("The program that starts an image confines it already.")
        tried = subprocess.run(
            [*words, sys.executable, "-c", ""], check=False, capture_output=True, text=True
        )
        if tried.returncode:
            pytest.skip(f"This user may not confine a program: {tried.stderr.strip()}")
        super().__init__(base, CONFINED_BY=shlex.join(words), **environment)

    def assert_serves(self) -> None:
        answer = self.until_ready().predict(EXAMPLE)
        assert (answer.status, answer.json["predictions"][0]["probability"]) == (200, 0.5)


class OfflineProcess(ConfinedProcess):
    """The program in a network namespace of its own."""

    def connect(self) -> socket.socket:
        found: list[socket.socket] = []
        inside = threading.Thread(target=lambda: found.append(self._connect_inside()))
        inside.start()
        inside.join()
        return found[0]

    def _connect_inside(self) -> socket.socket:
        port = self.port
        # A socket belongs to the network namespace in which its thread created it.
        with Path(f"/proc/{self.pid}/ns/net").open() as network:
            assert LIBC.setns(network.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
        return socket.create_connection((HOST, port), timeout=HANG_SECONDS)

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Reply:
        content = body if isinstance(body, bytes) else b""
        lines = [f"{method} {path} HTTP/1.1", "host: x", f"content-length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        with self.connect() as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)
            return read_raw(connection, method)


def test_the_program_serves_without_a_network(base: Path) -> None:
    with OfflineProcess(base, OFFLINE) as process:
        process.assert_serves()

        assert Path(f"/proc/{process.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, process.port))


@pytest.mark.parametrize("folder", ["/tmp", "/var/tmp", "/dev/shm"])  # noqa: S108  # to be made read-only
def test_the_program_serves_without_a_folder_for_temporary_files(base: Path, folder: str) -> None:
    with ConfinedProcess(base, read_only(folder)) as process:
        process.assert_serves()

        assert not writable(process, folder)


def writable(process: ServingProcess, folder: str) -> bool:
    mounts = Path(f"/proc/{process.pid}/mounts").read_text().splitlines()
    options = [line.split()[3].split(",") for line in mounts if line.split()[1] == folder]
    return "ro" not in options[-1]


def test_the_program_serves_a_model_in_a_read_only_folder(base: Path) -> None:
    with ConfinedProcess(base, read_only(base / "model")) as process:
        process.assert_serves()

        assert not writable(process, str(base / "model"))
        assert {path.name for path in (base / "model").iterdir()} == {"manifest.json", "model.onnx"}


def test_the_program_serves_without_a_home(base: Path) -> None:
    with ConfinedProcess(base, WITHOUT_HOME) as process:
        process.assert_serves()

        assert b"\0HOME=" not in b"\0" + Path(f"/proc/{process.pid}/environ").read_bytes()


def test_the_program_serves_with_a_home_that_does_not_exist(base: Path) -> None:
    with ConfinedProcess(base, [], HOME="/nowhere") as process:
        process.assert_serves()


def test_the_program_serves_as_an_unknown_user(base: Path) -> None:
    with ConfinedProcess(base, AS_ANYONE) as process:
        process.assert_serves()

        assert Path(f"/proc/{process.pid}").stat().st_uid == ANYONE
        process.stop()
        assert process.exit_code() == 0


def test_the_program_serves_with_all_confinements_at_once(base: Path) -> None:
    everything = [*read_only("/tmp"), *WITHOUT_HOME, *OFFLINE, *AS_ANYONE]  # noqa: S108
    with OfflineProcess(base, everything) as process:
        process.assert_serves()
        process.stop()

        assert process.exit_code() == 0
