"""Commands of `python -m local` that run another program of the checkout against the deployed stack."""

import argparse
import sys

from local import process_environment
from local.deployments import deployed_stacks
from local.deployments.deployment import Deployment
from local.local_aws import LocalAws
from local.processes import lifecycle
from terminal_output import run_program


def smoke(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Run `python -m smoke` against the stack on this machine; exit with its exit code."""
    _run_module("smoke", aws, arguments, *(["--json"] if arguments.json else []))


def postman(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Run `python -m smoke.postman` against the stack on this machine; exit with its exit code."""
    _run_module("smoke.postman", aws, arguments)


def pause(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Delete the endpoint of the stack on this machine; exit with 1 if it is not paused then."""
    _run_of_stack("stacks.commands.endpoint", "pause", aws=aws, arguments=arguments)


def wake(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Start the endpoint of a paused stack on this machine; exit with 1 if it is not awake then."""
    _run_of_stack("stacks.commands.endpoint", "wake", aws=aws, arguments=arguments)


def promote(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Release another version in the stack on this machine; exit with 1 if it does not serve then."""
    found = deployed_stacks.find(lifecycle.find(aws), model=arguments.model)
    which = f"--bundle={arguments.release}" if arguments.release else f"--version={arguments.version}"
    words = ["promote", which, "--api-url", found.api_url]
    _run_of_stack("stacks.commands.release", *words, aws=aws, arguments=arguments)


def rollback(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Release the version before in the stack on this machine; exit with 1 if it does not serve then."""
    found = deployed_stacks.find(lifecycle.find(aws), model=arguments.model)
    words = ["rollback", "--api-url", found.api_url]
    _run_of_stack("stacks.commands.release", *words, aws=aws, arguments=arguments)


def captures(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Show the last captured requests and responses of the stack on this machine."""
    _run_of_stack("stacks.commands.captures", "-n", str(arguments.count), aws=aws, arguments=arguments)


def models(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """List the versions of the stack on this machine in the model registry."""
    _run_of_stack("stacks.commands.models", aws=aws, arguments=arguments)


def drift(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Compare the captured requests of the stack on this machine with what training saw; 3 is drift."""
    words = [word for field in arguments.left_out for word in ("--left-out", field)]
    words += ["--days", arguments.days] if arguments.days else []
    words += ["--newest", arguments.newest] if arguments.newest else []
    words += ["--open"] if arguments.open else []
    # --model names the models of one stack, so a single one of several is named too.
    words += ["--of", arguments.model] if arguments.model and "," not in arguments.model else []
    _run_of_stack("stacks.commands.drift", *words, aws=aws, arguments=arguments)


def transform(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Score a whole file with the stack on this machine, by a transform job; exit with 1 if it fails."""
    flags = ["--join"] if arguments.join else []
    words = [arguments.source, "--options", arguments.options, *flags]
    _run_of_stack("stacks.commands.transform", *words, aws=aws, arguments=arguments)


def score(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Score whole files, in S3 or not yet, with the stack on this machine; exit with 1 if it fails."""
    options = [(_flag(name), getattr(arguments, name)) for name in ("out", "name", "range_bytes")]
    words = [
        arguments.source,
        *(word for flag, value in options if value is not None for word in (flag, value)),
    ]
    words += ["--yes"] if arguments.yes else []
    _run_of_stack("stacks.commands.score", *words, aws=aws, arguments=arguments)


def retrain(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Train, judge and release the model of the stack on this machine; exit with the exit code of the run."""
    flags = [word for name in ("force", "no_wait") if getattr(arguments, name) for word in (_flag(name),)]
    for name in ("follow", "resume"):
        if (execution := getattr(arguments, name)) is not None:
            flags += [_flag(name), *([execution] if execution else [])]
    _run_of_stack("stacks.commands.retrain", *flags, aws=aws, arguments=arguments)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _run_module(module: str, aws: LocalAws, arguments: argparse.Namespace, *flags: str) -> None:
    found = deployed_stacks.find(lifecycle.find(aws), model=arguments.model)
    models = ",".join(found.models) or arguments.model
    options = ["--stack", found.stack, *(["--model", models] if models else [])]
    options += [option for path in arguments.bundle for option in ("--bundle", path)]
    _run(found, arguments, module, "--api-url", found.api_url, *options, *flags)


def _run_of_stack(module: str, *words: str, aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Runs a command that finds a stack by its settings, and exits with its exit code."""
    found = deployed_stacks.find(lifecycle.find(aws), model=arguments.model)
    options = ["--context", f"stack_name={found.stack}", *(["--json"] if arguments.json else [])]
    _run(found, arguments, module, *words, *options)


def _run(found: Deployment, arguments: argparse.Namespace, module: str, *words: str) -> None:
    environ = process_environment.isolated(arguments.environ) | {
        "AWS_ENDPOINT_URL": found.aws.url,
        "LOCAL": "1",
    }
    command = [sys.executable, "-m", module, *words]
    sys.exit(run_program(command, env=environ))
