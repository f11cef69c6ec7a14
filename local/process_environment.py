"""Environment variables of the processes that local/ starts."""

import os
from collections.abc import Mapping

from local.local_aws import ACCESS_KEY_ID, LOOPBACK_ADDRESS, REGION, SECRET_ACCESS_KEY, LocalAws

_NO_PROXY = f"{LOOPBACK_ADDRESS},localhost"
_EMULATOR_SETTINGS = ("MINISTACK_", "LOCALSTACK_", "LAMBDA_", "S3_", "SFTP_", "IOT_")
# Whatever the locale, a Python process reads and writes UTF-8: files, pipes, arguments and output.
# https://docs.python.org/3/library/os.html#python-utf-8-mode
_UTF8 = {"PYTHONUTF8": "1"}
_OTHER_ENCODINGS = ("PYTHONIOENCODING",)
_CONTAINER_NAMES = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")


def isolated(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns an environment that cannot reach a real AWS account and uses no proxy on the loopback address.

    Args:
        environ: The user's environment.

    Returns:
        A copy. The credentials of the emulator's user replace all AWS_* variables, profiles and files. Python
        programs use UTF-8, whatever the user's locale.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("AWS_") and name not in _OTHER_ENCODINGS
    }
    return (
        kept
        | _UTF8
        | {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": ",".join(filter(None, [environ.get("NO_PROXY"), _NO_PROXY])),
            "no_proxy": ",".join(filter(None, [environ.get("no_proxy"), _NO_PROXY])),
        }
    )


def of_server(aws: LocalAws, environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of the emulator's server; MiniStack reads its settings from it.

    Args:
        aws: Port and state folder of the server.
        environ: The user's environment.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(_EMULATOR_SETTINGS)}
    temporary = aws.state / "tmp"
    return isolated(kept) | {
        "GATEWAY_PORT": str(aws.port),
        "BIND_HOST": LOOPBACK_ADDRESS,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "USE_SSL": "0",
        "AUTH": "true",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "STATE_DIR": str(aws.state / "ministack"),
        "S3_DATA_DIR": str(aws.state / "s3"),
        "TMPDIR": str(temporary),
        # MiniStack removes containers that look like its own from any Docker engine that it finds.
        "DOCKER_HOST": f"unix://{temporary}/no-docker",
        "PYTHONUNBUFFERED": "1",
    }


def of_container(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment that serving and training processes inherit.

    It has no credentials, as under network isolation, and none of the server's settings.

    Args:
        environ: The server's environment.
    """
    kept = {name: environ[name] for name in _CONTAINER_NAMES if name in environ}
    return kept | _UTF8 | {"PYTHONUNBUFFERED": "1"}
