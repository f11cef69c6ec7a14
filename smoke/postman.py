"""`python -m smoke.postman`: writes the API's Postman collection and runs it against a deployed stack.

Collection and environment are written beside the bundle, or of several models in build/<their stack>, without
any secret; newman runs them with the stack's key, or with your credentials where callers sign.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from api import Auth, postman_environment, write_postman
from bundle import read_archive
from smoke import command
from smoke.account import Account
from smoke.newman import run_collection
from smoke.stack import Stack, find_stack
from smoke.target import Target, target_parser

_EPILOG = (
    "Account and region are those of your AWS credentials. Exit codes: newman's, which is 0 when all tests "
    "passed; 1 also when there is nothing to run them against; 2 wrong arguments."
)


def main(argv: Sequence[str]) -> int:
    """Write and run.

    Args:
        argv: The arguments, without the program's name.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    return command.run(lambda target, account: _run(target, account, arguments.api_url), arguments)


def _run(target: Target, account: Account, api_url: str | None) -> int:
    manifests = [read_archive(bundle).manifest for bundle in target.bundles]
    models = [manifest.name for manifest in manifests]
    stack = find_stack(account.client("cloudformation"), target.stack, models=models)
    auth: Auth = "key" if "ApiKeyId" in stack.outputs else "iam"
    base_url = api_url or stack.outputs["HealthUrl"].rpartition("/")[0]
    known = {"base_url": base_url.rstrip("/"), "region": account.region}
    collection, written = write_postman(target.folder, *manifests, auth=auth, **known)
    print(f"{collection}\n{written}", flush=True)
    environment = postman_environment(*manifests, auth=auth, **known)
    return run_collection(collection, _filled(environment, _secrets(account, stack)))


def _secrets(account: Account, stack: Stack) -> dict[str, str]:
    if key_id := stack.outputs.get("ApiKeyId"):
        return {"api_key": account.api_key(key_id)}
    credentials = account.credentials.get_frozen_credentials()
    return {
        "aws_access_key_id": credentials.access_key,
        "aws_secret_access_key": credentials.secret_key,
        "aws_session_token": credentials.token or "",
    }


def _filled(environment: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    values = [
        variable | {"value": secrets.get(variable["key"], variable["value"])}
        for variable in environment["values"]
    ]
    return {**environment, "values": values}


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="python -m smoke.postman", description=__doc__, epilog=_EPILOG, parents=[target_parser()]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
