"""Commands of `python -m local`; the docstring of each is its --help."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.deployed_stack_commands import (
    captures,
    drift,
    models,
    pause,
    postman,
    promote,
    retrain,
    rollback,
    score,
    smoke,
    transform,
    wake,
)
from local.deployments import deployed_stacks
from local.deployments.cdk import Cdk
from local.errors import NotUpError
from local.iam_decisions import decision_line, fetch_decisions, grant_line
from local.local_aws import LocalAws
from local.permissions.needed_permissions import PermissionProof, outcome_table
from local.processes import lifecycle
from local.watch_command import change_line, watched_changes

Command = Callable[[LocalAws, argparse.Namespace], None]


def up(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Start AWS on this machine, unless it is up."""
    found = lifecycle.up(aws, environ=arguments.environ)
    _print_result(arguments, _status(found), _is_up(found))


def down(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Stop AWS on this machine and all its processes; its deployments are deleted."""
    stacks = _deployed(aws)
    stopped = lifecycle.down(aws)
    text = _is_stopped(stacks) if stopped else "AWS on this machine was not up."
    _print_result(arguments, {"stopped": stopped}, text)


def status(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Show the URL and the endpoints of AWS on this machine; exit with 1 if it is not up."""
    try:
        found = _status(lifecycle.find(aws))
    except NotUpError:
        _print_result(arguments, {"up": False})
        raise
    _print_result(arguments, found, "\n".join(f"{key}: {value}" for key, value in found.items()))


def watch(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Print each change of an alarm or an endpoint, one in a line, until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        for change in watched_changes(lifecycle.find(aws), once=arguments.once):
            print(json.dumps(change) if arguments.json else change_line(change), flush=True)


def deploy(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Deploy the stack with the CDK CLI; no image is built, its code runs from the source tree."""
    print_progress(
        f"Deploying to this machine with the CDK CLI (its output: {aws.cdk_log}); no image is built: "
        "its code runs from the source tree."
    )
    found = lifecycle.find(aws)
    Cdk(found, environ=arguments.environ).deploy(_context(arguments))
    deployed = deployed_stacks.find(found)
    if released := deployed_stacks.released_instead(found, deployed.stack):
        print_progress(
            f"Version {released} is released and goes on serving, and not the bundle of this deployment: "
            "`make promote LOCAL=1 BUNDLE=build/<model>/model.tar.gz` releases that."
        )
    print_progress(
        f"Stack {deployed.stack} is deployed. Its addresses on this machine:\n{deployed.addresses}"
    )


def destroy(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Delete the stack with the CDK CLI."""
    application = ["--app", "python3 -m stacks.deleted_stack"]
    Cdk(lifecycle.find(aws), environ=arguments.environ).destroy([*application, *_context(arguments)])


def predict(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Request one prediction through the invoke URL; print only the JSON response."""
    found = deployed_stacks.find(lifecycle.find(aws), model=arguments.model)
    print(found.predict(arguments.row or found.example))


def curl(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Print the curl command for the same prediction."""
    found = deployed_stacks.find(lifecycle.find(aws), model=arguments.model)
    print(found.curl(arguments.row or found.example))


def decisions(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Print IAM's decisions: caller, action, resource, and the statement that allowed or refused the call."""
    found = fetch_decisions(lifecycle.find(aws))
    if arguments.unused or arguments.missing:
        rows = found.unused if arguments.unused else found.missing
        lines = [grant_line(row) for row in rows]
    else:
        rows = found.refused if arguments.refused else [*found.decisions]
        lines = [decision_line(row) for row in rows]
    print(json.dumps(rows) if arguments.json else "\n".join(lines or ["There is none."]))


def prove(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Remove each action of each role from the deployed stack in turn, and print what then fails."""
    proof = PermissionProof(deployed_stacks.find(lifecycle.find(aws), model=arguments.model))
    outcomes = []
    for permission in proof.permissions:
        outcomes.append(proof.outcome(permission))
        last = outcomes[-1]
        print_progress(f"{last.role} without {last.action}: {last.failure or 'nothing fails'}")
    rows = [outcome.to_json() for outcome in outcomes]
    print(json.dumps(rows) if arguments.json else outcome_table(outcomes))


def run(aws: LocalAws, arguments: argparse.Namespace) -> None:
    """Start, deploy and predict; print the response, the invoke URL and a curl command."""
    print_progress("Starting AWS on this machine ...")
    found = lifecycle.up(aws, environ=arguments.environ)
    print_progress(_is_up(found))
    deploy(found, arguments)
    deployed = deployed_stacks.find(found)
    row = arguments.row or deployed.example
    print_progress("\nOne prediction through the invoke URL:")
    print(deployed.predict(row))
    print(f"\nURL:   {deployed.url}\nAgain: {deployed.curl(row)}\nStop:  make stop")


COMMANDS: tuple[Command, ...] = (
    up,
    deploy,
    predict,
    curl,
    smoke,
    postman,
    pause,
    wake,
    promote,
    rollback,
    captures,
    models,
    drift,
    transform,
    score,
    retrain,
    status,
    watch,
    decisions,
    prove,
    destroy,
    down,
    run,
)


def print_progress(text: str) -> None:
    """Prints a line for people, on standard error."""
    print(text, file=sys.stderr, flush=True)


def _deployed(aws: LocalAws) -> list[str]:
    try:
        return deployed_stacks.stack_names(lifecycle.find(aws))
    except (NotUpError, BotoCoreError, ClientError):
        return []


def _is_stopped(stacks: Sequence[str]) -> str:
    if not stacks:
        return "AWS on this machine is stopped."
    return (
        f"AWS on this machine is stopped, and all that was deployed to it is deleted: {', '.join(stacks)}. "
        "Bundles in build/<model>/ stay; `make run` deploys again."
    )


def _is_up(aws: LocalAws) -> str:
    return f"AWS on this machine is up: {aws.url} (log: {aws.log})"


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
    """Returns the CDK CLI's --context options."""
    name = "models" if "," in (arguments.model or "") else "model"
    settings = arguments.context + ([f"{name}={arguments.model}"] if arguments.model else [])
    return [option for setting in settings for option in ("--context", setting)]


def _print_result(arguments: argparse.Namespace, result: Mapping[str, Any], text: str = "") -> None:
    if arguments.json:
        print(json.dumps(result))
    elif text:
        print(text)
