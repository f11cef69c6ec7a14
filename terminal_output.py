"""Standard output of the commands of all rooms, and their end. Standard library only."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from types import FrameType, TracebackType
from typing import Any, NoReturn

# A shell reports a process that a signal has ended as 128 and its number.
_SIGNAL_BASE = 128
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """The process was asked to end; as with Ctrl-C, only the command handles it."""


def escape_unencodable_output() -> None:
    """Escapes characters on standard output that the locale lacks, as Python does on standard error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def begin_command(package: str) -> None:
    """Prepares `python -m ROOM`: Ctrl-C while it imports its modules is one sentence and no traceback.

    In a Python that lacks a package, and so all of the project, it ends the process with a sentence.
    """
    # Python looks for the module of `python -m` now: later imports would raise.
    if sys.argv[:1] != ["-m"]:
        return
    sys.excepthook = _report_uncaught
    if find_spec(package) is None:
        sys.exit(
            f"{sys.executable} has not the packages of this project: run `make .venv/.installed`, and the "
            "same command with .venv/bin/python, or after `. .venv/bin/activate`."
        )


def _report_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Reports an exception that no code has caught; Python then ends by SIGINT after Ctrl-C."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    words = sys.orig_argv[sys.orig_argv.index("-m") :]
    print(f"python {' '.join(words[:2])}: Interrupted.", file=sys.stderr)


@contextmanager
def termination_as_exception() -> Iterator[None]:
    """Raises Terminated in the block on SIGTERM and SIGHUP; only the main thread may call it.

    A signal that the process ignores stays ignored, such as SIGHUP below `nohup`.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    heard = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heard:
        signal.signal(number, _terminate)
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def interruption_code(end: KeyboardInterrupt) -> int:
    """Returns the exit code of a command that Ctrl-C (130) or SIGTERM (143) has ended."""
    return _SIGNAL_BASE + (signal.SIGTERM if isinstance(end, Terminated) else signal.SIGINT)


def run_program(command: Sequence[str], **options: Any) -> int:
    """Runs another program and returns its exit code.

    SIGTERM is passed on to the program. Ctrl-C reaches it by itself. In both cases it has the time that it
    needs to end: `subprocess.run` would kill it after a quarter of a second.

    Args:
        command: The program and its arguments.
        options: Further arguments of `subprocess.Popen`.

    Raises:
        KeyboardInterrupt: After the end of the program.
    """
    with started_program(command, **options) as process:
        return process.wait()


@contextmanager
def started_program(command: Sequence[str], **options: Any) -> "Iterator[subprocess.Popen[Any]]":
    """Starts a program for the block; Ctrl-C or SIGTERM in it is passed on as in `run_program`.

    Args:
        command: The program and its arguments.
        options: Further arguments of `subprocess.Popen`.
    """
    with ExitStack() as stack:
        deliver = stack.enter_context(_postponed_signals())
        process = stack.enter_context(subprocess.Popen(command, **options))
        try:
            deliver()
            yield process
        except KeyboardInterrupt as end:
            if isinstance(end, Terminated):
                process.terminate()
            process.wait()
            raise


@contextmanager
def _postponed_signals() -> Iterator[Callable[[], None]]:
    """Postpones Ctrl-C, SIGTERM and SIGHUP; yields a function that ends that and delivers the first of them.

    While a program starts, nobody has its process: an exception would leave it running.
    """
    noted: list[int] = []
    handlers = dict[int, Any]()
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in _ENDING_SIGNALS}

    def restore() -> None:
        while handlers:
            signal.signal(*handlers.popitem())

    def deliver() -> None:
        restore()
        if noted:
            signal.raise_signal(noted[0])

    for number in [number for number, handler in handlers.items() if callable(handler)]:
        signal.signal(number, lambda number, _frame: noted.append(number))
    try:
        yield deliver
    finally:
        restore()


def interruptible(main: Callable[[], int], program: str) -> int:
    """Runs a command and returns its exit code; Ctrl-C during its imports is one sentence."""
    try:
        return main()
    except KeyboardInterrupt as end:
        print(f"{program}: Interrupted.", file=sys.stderr)
        return interruption_code(end)


def end_process(code: int, *, is_reported: bool = False) -> NoReturn:
    """Ends the process without freeing all objects of its modules one by one, which takes up to 0.4 s.

    Spark stops at Python's own end, which also reports output that cannot be written with exit code 120.

    Args:
        code: The exit code.
        is_reported: Whether output that could not be written was reported when it was met.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        is_written = True
    except OSError:
        is_written = is_reported
    if is_written and "pyspark" not in sys.modules:
        os._exit(code)
    sys.exit(code)
