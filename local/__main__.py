"""AWS on this machine, and the CDK CLI deploying to it."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import deployment, environment, process
from local.aws import ROOT, LocalAws
from local.cdk import Cdk
from local.errors import LocalError, NotUpError

_EPILOG = (
    "LOCAL_PORT (4566) is the port it listens on, LOCAL_STATE (build/local) the folder of all it writes."
)
_HIGHEST_PORT = 65535

Command = Callable[[LocalAws, argparse.Namespace], None]


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command.

    Args:
        argv: The arguments, without the program's name.
        environ: The user's environment.

    Returns:
        The exit code: 0; 1 with a sentence on standard error; 2 for wrong arguments; 130 interrupted.
    """
    arguments = _parser().parse_args(argv)
    arguments.environ = environ
    try:
        arguments.command(_aws(environ), arguments)
    except LocalError as error:
        _tell(str(error))
        return 1
    except (BotoCoreError, ClientError, OSError) as error:
        _tell(f"AWS on this machine: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _up(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Start AWS on this machine, unless it is up."""
    found = process.up(aws, environ=arguments.environ)
    _show(arguments, _status(found), f"AWS on this machine is up: {found.url} (log: {found.log})")


def _down(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Stop it with everything it started; what is deployed there is gone."""
    stopped = process.down(aws)
    text = "AWS on this machine is stopped." if stopped else "AWS on this machine was not up."
    _show(arguments, {"stopped": stopped}, text)


def _show_status(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Show where it is up and which endpoints it hosts; exit code 1 when it is not up."""
    try:
        status = _status(process.find(aws))
    except NotUpError:
        _show(arguments, {"up": False})
        raise
    _show(arguments, status, "\n".join(f"{key}: {value}" for key, value in status.items()))


def _deploy(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Deploy the stack with the CDK CLI; models run in serving/ from source."""
    _tell("Deploying with the CDK CLI; no image is built here: serving/ runs from source.")
    Cdk(process.find(aws), environ=arguments.environ).deploy(_context(arguments))


def _destroy(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Delete the stack with the CDK CLI."""
    Cdk(process.find(aws), environ=arguments.environ).destroy(_context(arguments))


def _predict(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Ask for one prediction through the invoke URL; print the JSON answer alone."""
    found = deployment.find(process.find(aws), model=arguments.model)
    print(found.predict(arguments.row or found.example))


def _curl(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Print the curl command that asks for the same prediction."""
    found = deployment.find(process.find(aws), model=arguments.model)
    print(found.curl(arguments.row or found.example))


def _smoke(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Prove what the stack serves: `python -m smoke`, which ends with the exit code, led to this machine."""
    _lead("smoke", aws, arguments, *(["--json"] if arguments.json else []))


def _postman(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Run the API's Postman collection: `python -m smoke.postman`, led to this machine in the same way."""
    _lead("smoke.postman", aws, arguments)


def _lead(module: str, aws: LocalAws, arguments: argparse.Namespace, *flags: str) -> None:
    found = deployment.find(process.find(aws), model=arguments.model)
    models = ",".join(found.models) or arguments.model
    words = ["--stack", found.stack, *(["--model", models] if models else [])]
    words += [word for path in arguments.bundle for word in ("--bundle", path)]
    environ = environment.isolated(arguments.environ) | {"AWS_ENDPOINT_URL": found.aws.url}
    command = [sys.executable, "-m", module, "--api-url", found.api_url, *words, *flags]
    sys.exit(subprocess.run(command, env=environ, check=False).returncode)


def _run(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Start, deploy and predict: print the answer, the invoke URL and a curl command."""
    _tell("Starting AWS on this machine ...")
    found = process.up(aws, environ=arguments.environ)
    _tell(f"AWS on this machine is up: {found.url} (log: {found.log})")
    _deploy(found, arguments)
    deployed = deployment.find(found)
    row = arguments.row or deployed.example
    _tell("\nOne prediction through the invoke URL:")
    print(deployed.predict(row))
    print(f"\nURL:   {deployed.url}\nAgain: {deployed.curl(row)}\nStop:  make stop")


def _aws(environ: Mapping[str, str]) -> LocalAws:
    port = environ.get("LOCAL_PORT", "4566")
    if not (port.isascii() and port.isdigit() and int(port) <= _HIGHEST_PORT):
        raise LocalError(f"LOCAL_PORT is {port!r}, which is no port: give a number up to {_HIGHEST_PORT}.")
    return LocalAws(port=int(port), state=(ROOT / environ.get("LOCAL_STATE", "build/local")).resolve())


def _status(aws: LocalAws) -> dict[str, Any]:
    endpoints = aws.client("sagemaker").list_endpoints()["Endpoints"]
    return {
        "up": True,
        "url": aws.url,
        "state": str(aws.state),
        "log": str(aws.log),
        "endpoints": {endpoint["EndpointName"]: endpoint["EndpointStatus"] for endpoint in endpoints},
    }


def _context(arguments: argparse.Namespace) -> list[str]:
    name = "models" if "," in (arguments.model or "") else "model"
    settings = arguments.context + ([f"{name}={arguments.model}"] if arguments.model else [])
    return [word for setting in settings for word in ("--context", setting)]


def _show(arguments: argparse.Namespace, result: Mapping[str, Any], text: str = "") -> None:
    if arguments.json:
        print(json.dumps(result))
    elif text:
        print(text)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__, epilog=_EPILOG)
    commands = parser.add_subparsers(required=True, metavar="command")
    as_json, model, bundle, context, row = (argparse.ArgumentParser(add_help=False) for _ in range(5))
    as_json.add_argument("--json", action="store_true", help="print the result as JSON")
    model.add_argument(
        "--model",
        metavar="NAME[,NAME]",
        help="the model, or those of one stack, where not cdk.json's or the last deployed",
    )
    context.add_argument(
        "-c", "--context", action="append", default=[], metavar="NAME=VALUE", help="a setting of the stack"
    )
    bundle.add_argument(
        "--bundle",
        metavar="PATH",
        action="append",
        default=[],
        help="what it should serve, where not build/'s; once for each model",
    )
    row.add_argument("--row", help="the JSON to ask with, where not the deployed model's example")
    _add(commands, _up, as_json)
    _add(commands, _deploy, model, context)
    _add(commands, _predict, row, model)
    _add(commands, _curl, row, model)
    _add(commands, _smoke, model, bundle, as_json)
    _add(commands, _postman, model, bundle)
    _add(commands, _show_status, as_json)
    _add(commands, _destroy, model, context)
    _add(commands, _down, as_json)
    _add(commands, _run, row, model, context)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    command: Command,
    *options: argparse.ArgumentParser,
) -> None:
    name = command.__name__.split("_")[-1]
    about = command.__doc__
    commands.add_parser(name, help=about, description=about, parents=options).set_defaults(command=command)


if __name__ == "__main__":
    user = dict(os.environ)
    # boto3 in this process must not find the user's profiles either.
    os.environ.clear()
    os.environ.update(environment.isolated(user))
    sys.exit(main(sys.argv[1:], user))
