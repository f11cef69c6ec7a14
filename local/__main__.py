"""AWS on this machine: start and stop it, deploy to it with the CDK CLI, and request predictions."""

import argparse
import errno
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local import process_environment
from local.commands import COMMANDS, print_progress
from local.errors import LocalError
from local.local_aws import ROOT, LocalAws
from local.processes import lifecycle
from local.time_scale import DEFAULT_SPEED, speed
from terminal_output import escape_unencodable_output, interruption_code, termination_as_exception

_EPILOG = (
    "Environment: LOCAL_PORT is the port of AWS on this machine (4566), LOCAL_STATE the folder of all files "
    "that it writes (build/local), LOCAL_SPEED the seconds of AWS that pass in one second of alarms and "
    f"deployments ({DEFAULT_SPEED:g})."
)
_HIGHEST_PORT = 65535
_UNWRITABLE = (errno.EROFS, errno.EACCES, errno.ENOTDIR, errno.ENOSPC, errno.EDQUOT)


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs one command.

    Args:
        argv: The arguments, without the program's name.
        environ: The user's environment.

    Returns:
        The exit code: 0; 1 with a sentence on standard error; 130 or 143 when interrupted. argparse exits
        with 2 for wrong arguments.
    """
    arguments = _parser().parse_args(argv)
    arguments.environ = environ
    try:
        with termination_as_exception():
            arguments.command(_aws(environ), arguments)
    except LocalError as error:
        print_progress(str(error))
        return 1
    except (BotoCoreError, ClientError, OSError) as error:
        print_progress(_failure(error, _aws(environ).state))
        return 1
    except KeyboardInterrupt as end:
        # Its processes are in a session of their own, which Ctrl-C does not reach.
        with suppress(LocalError):
            lifecycle.find(_aws(environ))
            print_progress("Interrupted. AWS on this machine stays up: `make stop` stops it.")
        return interruption_code(end)
    return 0


def _failure(error: Exception, state: Path) -> str:
    """Returns the sentence of an error; one of the state's folder, or of one around it, has a way out."""
    if isinstance(error, OSError) and error.errno in _UNWRITABLE and isinstance(error.filename, str):
        path = Path(error.filename)
        if not (path.is_relative_to(state) or state.is_relative_to(path)):
            return f"{path}: {error.strerror}."
        return f"{error.filename} cannot be written ({error.strerror}): name another folder as LOCAL_STATE."
    return f"AWS on this machine: {error}"


def _aws(environ: Mapping[str, str]) -> LocalAws:
    # The server reads the speed, and would end in its log for a wrong one.
    speed(environ)
    port = environ.get("LOCAL_PORT", "4566")
    if not (port.isascii() and port.isdigit() and int(port) <= _HIGHEST_PORT):
        raise LocalError(f"LOCAL_PORT is {port!r}, which is not a port: give a number up to {_HIGHEST_PORT}.")
    return LocalAws(port=int(port), state=(ROOT / environ.get("LOCAL_STATE", "build/local")).resolve())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__, epilog=_EPILOG)
    commands = parser.add_subparsers(required=True, metavar="command")
    options = _options()
    for command in COMMANDS:
        name = command.__name__
        parents = [options[option] for option in _OPTIONS_OF_COMMANDS[name]]
        subparser = commands.add_parser(
            name, help=command.__doc__, description=command.__doc__, parents=parents
        )
        subparser.set_defaults(command=command)
    return parser


_OPTIONS_OF_COMMANDS: Mapping[str, Sequence[str]] = {
    "up": ("json",),
    "deploy": ("model", "context"),
    "predict": ("row", "model"),
    "curl": ("row", "model"),
    "smoke": ("model", "bundle", "json"),
    "postman": ("model", "bundle"),
    "pause": ("model", "json"),
    "wake": ("model", "json"),
    "promote": ("release", "model", "json"),
    "rollback": ("model", "json"),
    "captures": ("model", "count", "json"),
    "models": ("model", "json"),
    "drift": ("model", "window", "json"),
    "transform": ("source", "model", "json"),
    "score": ("files", "model", "json"),
    "retrain": ("execution", "model", "json"),
    "status": ("json",),
    "watch": ("json", "once"),
    "decisions": ("json", "view"),
    "prove": ("json", "model"),
    "destroy": ("model", "context"),
    "down": ("json",),
    "run": ("row", "model", "context"),
}


def _options() -> dict[str, argparse.ArgumentParser]:
    """Returns a parser of each option."""
    names = (
        "json",
        "model",
        "bundle",
        "context",
        "row",
        "view",
        "once",
        "count",
        "source",
        "files",
        "window",
        "release",
        "execution",
    )
    options = {name: argparse.ArgumentParser(add_help=False) for name in names}
    options["json"].add_argument("--json", action="store_true", help="print the result as JSON")
    options["model"].add_argument(
        "--model",
        metavar="NAME[,NAME]",
        help="the model, or the models of one stack (default: cdk.json's, or the last deployed)",
    )
    options["context"].add_argument(
        "-c", "--context", action="append", default=[], metavar="NAME=VALUE", help="a setting of the stack"
    )
    options["bundle"].add_argument(
        "--bundle",
        metavar="PATH",
        action="append",
        default=[],
        help="the bundle that the stack should serve (default: build/<model>/model.tar.gz); once per model",
    )
    options["count"].add_argument(
        "-n", dest="count", type=int, default=10, metavar="NUMBER", help="so many, the newest first (10)"
    )
    options["window"].add_argument("--days", metavar="NUMBER", help="requests of the last so many days (7)")
    options["window"].add_argument("--newest", metavar="ROWS", help="the newest so many rows instead")
    options["window"].add_argument(
        "--left-out", action="append", default=[], metavar="FIELD", help="a field that clients leave out"
    )
    options["window"].add_argument("--open", action="store_true", help="open the page in a browser")
    options["source"].add_argument(
        "source", metavar="FILE", help="a file, or an S3 URI in the stack's folder"
    )
    options["source"].add_argument(
        "--options", default="", metavar="QUERY", help="options of the predictions"
    )
    options["source"].add_argument("--join", action="store_true", help="write each row before its prediction")
    _add_score_options(options["files"])
    runs = options["execution"].add_mutually_exclusive_group()
    runs.add_argument("--follow", nargs="?", const="", metavar="EXECUTION", help="follow a run in progress")
    runs.add_argument("--resume", nargs="?", const="", metavar="EXECUTION", help="go on with a failed run")
    runs.add_argument("--force", action="store_true", help="train even if there are no new rows")
    options["execution"].add_argument("--no-wait", action="store_true", help="do not follow the run")
    options["row"].add_argument(
        "--row", type=_utf8, help="the JSON body of the request (default: the deployed model's example)"
    )
    options["once"].add_argument("--once", action="store_true", help="print the present states only, and end")
    which = options["release"].add_mutually_exclusive_group(required=True)
    which.add_argument("--version", metavar="VERSION", help="a version in the artifact bucket of the stack")
    which.add_argument(
        "--bundle", dest="release", metavar="PATH", help="the bundle to release, of this machine"
    )
    views = options["view"].add_mutually_exclusive_group()
    views.add_argument("--refused", action="store_true", help="only the calls that were refused")
    views.add_argument(
        "--unused", action="store_true", help="grants of the template that no call has used since the start"
    )
    views.add_argument("--missing", action="store_true", help="used actions that only a wildcard grants")
    return options


def _add_score_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE", help="s3://BUCKET/PREFIX, or a file, which is uploaded")
    parser.add_argument(
        "--out", metavar="s3://BUCKET/FOLDER/", help="the results (default: a folder of the run)"
    )
    parser.add_argument("--name", help="name of the run (default: the time)")
    parser.add_argument("--range-bytes", metavar="BYTES", help="bytes of a larger file that one call scores")
    parser.add_argument("--yes", action="store_true", help="start without a question")
    # As for `make score`, where it is the other choice.
    parser.add_argument("--on", choices=("aws",), help=argparse.SUPPRESS)


def _utf8(text: str) -> str:
    try:
        # Python has decoded the argument by the user's locale.
        return os.fsencode(text).decode()
    except UnicodeError:
        raise argparse.ArgumentTypeError("the row is not in UTF-8, the encoding of JSON") from None


if __name__ == "__main__":
    escape_unencodable_output()
    user = dict(os.environ)
    # boto3 in this process must not read the user's profiles either.
    os.environ.clear()
    os.environ.update(process_environment.isolated(user))
    sys.exit(main(sys.argv[1:], user))
