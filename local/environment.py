"""What the programs started here find in their environment."""

import os
from collections.abc import Mapping

from local.aws import REGION, LocalAws

_LOOPBACK = "127.0.0.1,localhost"
_SERVER_PREFIXES = ("MINISTACK_", "LOCALSTACK_", "LAMBDA_", "S3_", "SFTP_", "IOT_")
_CONTAINER_NAMES = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")


def isolated(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that leads to a real AWS account or through a proxy.

    Args:
        environ: The user's environment.

    Returns:
        A copy in which the AWS_* variables, profiles and credential files are replaced by dummies.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(filter(None, [environ.get("NO_PROXY"), _LOOPBACK])),
        "no_proxy": ",".join(filter(None, [environ.get("no_proxy"), _LOOPBACK])),
    }


def of_server(aws: LocalAws, environ: Mapping[str, str]) -> dict[str, str]:
    """The server's environment, which is where MiniStack reads its settings.

    Args:
        aws: Where the server is to be.
        environ: The user's environment.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(_SERVER_PREFIXES)}
    temporary = aws.state / "tmp"
    return isolated(kept) | {
        "GATEWAY_PORT": str(aws.port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "USE_SSL": "0",
        "AUTH": "false",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "STATE_DIR": str(aws.state / "ministack"),
        "S3_DATA_DIR": str(aws.state / "s3"),
        "TMPDIR": str(temporary),
        # MiniStack removes the containers it takes for its own from any Docker engine it finds.
        "DOCKER_HOST": f"unix://{temporary}/no-docker",
        "PYTHONUNBUFFERED": "1",
    }


def of_container(environ: Mapping[str, str]) -> dict[str, str]:
    """What a serving process inherits: no credentials, as under network isolation, and no settings.

    Args:
        environ: The server's environment.
    """
    kept = {name: environ[name] for name in _CONTAINER_NAMES if name in environ}
    return kept | {"PYTHONUNBUFFERED": "1"}
