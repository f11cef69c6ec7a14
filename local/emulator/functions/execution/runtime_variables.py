"""Environment variables of a function's process."""

import os
import sys
import uuid
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from local import process_environment
from local.emulator.functions.container_credentials import container_credentials
from local.local_aws import LOOPBACK_ADDRESS

# The server's settings that keep botocore away from the user's profiles and from instance metadata.
_ISOLATION = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED")
# As MiniStack's own workers have it: no host name of the emulator has prefixes.
_NO_HOST_PREFIX = {lambda_runtime.HOST_PREFIX_ENV: "true"}


def runtime_variables(config: dict[str, Any], *, code: Path, temporary: Path) -> dict[str, str]:
    """Returns the variables that Lambda's runtime sets, and those of the function; nothing of the server's.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html

    Args:
        config: The function's configuration.
        code: Folder of its code.
        temporary: Folder that stands in for /tmp.
    """
    account_region = lambda_runtime._account_region_from_function_config(config)
    name = config["FunctionName"]
    address = f"http://{LOOPBACK_ADDRESS}:{os.environ['GATEWAY_PORT']}"
    credentials = lambda_runtime.execution_credentials(config)
    has_snapshot = (config.get("SnapStart") or {}).get("OptimizationStatus") == "On"
    if has_snapshot:
        credentials = container_credentials(credentials, address=address)
    logging = config.get("LoggingConfig") or {}
    return {
        **process_environment.of_container(os.environ),
        **{variable: os.environ[variable] for variable in _ISOLATION if variable in os.environ},
        **_NO_HOST_PREFIX,
        "AWS_ENDPOINT_URL": address,
        **(config.get("Environment") or {}).get("Variables", {}),
        "AWS_REGION": account_region[1],
        "AWS_DEFAULT_REGION": account_region[1],
        **credentials,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if has_snapshot else "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
        "LAMBDA_TASK_ROOT": str(code),
        "TMPDIR": str(temporary),
        "_HANDLER": config["Handler"],
        # The process reads and writes UTF-8, whatever the language of the user's terminal.
        "PYTHONUTF8": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    }
