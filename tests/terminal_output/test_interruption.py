"""Ctrl-C and SIGTERM: the command ends, and so does the program that it runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from terminal_output import Terminated, interruption_code, termination_as_exception

ROOT = Path(__file__).parents[2]
# A program that ends after a signal and one line of standard input, with a sentence.
CHILD = """
import signal, sys
asked = {signal.SIGINT, signal.SIGTERM}
# The shell that runs the tests may ignore it.
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, asked)
print("runs", flush=True)
print(signal.sigwait(asked).name, flush=True)
sys.stdin.readline()
print("ended", flush=True)
sys.exit(7)
"""
COMMAND = f"""
import signal, sys
from terminal_output import interruption_code, run_program, termination_as_exception
# The process that runs the tests may ignore both signals.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
try:
    with termination_as_exception():
        sys.exit(run_program([sys.executable, "-c", {CHILD!r}]))
except KeyboardInterrupt as end:
    print("interrupted", flush=True)
    sys.exit(interruption_code(end))
"""


@contextmanager
def running(command: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a process group of its own, as in a terminal."""
    with subprocess.Popen(
        [sys.executable, "-c", command],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process


@pytest.mark.parametrize(
    ("number", "received", "code"),
    [(signal.SIGTERM, "SIGTERM", 143), (signal.SIGHUP, "SIGTERM", 143)],
)
def test_a_terminated_command_ends_its_program_and_waits_for_it(
    number: signal.Signals, received: str, code: int
) -> None:
    with running(COMMAND) as process:
        assert process.stdout
        assert process.stdout.readline() == "runs\n"

        process.send_signal(number)

        assert process.stdout.readline() == f"{received}\n"
        # The program has the time that it needs.
        assert process.communicate("go on\n")[0] == "ended\ninterrupted\n"
    assert process.returncode == code


def test_a_command_that_ctrl_c_interrupts_waits_for_its_program() -> None:
    with running(COMMAND) as process:
        assert process.stdout
        assert process.stdout.readline() == "runs\n"

        # A terminal sends it to all processes in the foreground.
        os.killpg(process.pid, signal.SIGINT)

        assert process.stdout.readline() == "SIGINT\n"
        assert process.communicate("go on\n")[0] == "ended\ninterrupted\n"
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("name", "received", "code"),
    [("SIGTERM", "SIGTERM", 143), ("SIGHUP", "SIGTERM", 143), ("SIGINT", "SIGINT", 130)],
)
def test_a_signal_while_the_program_starts_waits_until_the_command_has_its_process(
    name: str, received: str, code: int
) -> None:
    # The signal arrives when the program runs, and before subprocess has returned its process.
    early = f"""
import os, signal, subprocess
start = subprocess.Popen.__init__
def started(process, *arguments, **options):
    start(process, *arguments, **options)
    os.read(0, 1)
    if signal.{name} == signal.SIGINT:
        # A terminal sends it to both.
        process.send_signal(signal.SIGINT)
    signal.raise_signal(signal.{name})
subprocess.Popen.__init__ = started
"""
    with running(early + COMMAND) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "runs\n"
        process.stdin.write("x")
        process.stdin.flush()

        assert process.stdout.readline() == f"{received}\n"
        assert process.communicate("go on\n")[0] == "ended\ninterrupted\n"
    assert process.returncode == code


def test_the_exit_code_of_a_program_is_that_of_the_command() -> None:
    with running(COMMAND.replace(repr(CHILD), repr("raise SystemExit(5)"))) as process:
        process.communicate()

    assert process.returncode == 5


def test_the_signal_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(Terminated) as ended, termination_as_exception():
        signal.raise_signal(signal.SIGTERM)

    assert interruption_code(ended.value) == 143
    assert interruption_code(KeyboardInterrupt()) == 130
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_command_below_nohup_goes_on_when_its_terminal_is_closed() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with termination_as_exception():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
