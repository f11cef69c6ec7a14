"""`python -m stacks.commands.prepare_bundles`: trains or downloads the bundles to deploy.

cdk.json runs it before the application, because the CDK CLI gives its `build` command no settings of `-c`.
"""

import json
import os
import sys
from collections.abc import Mapping

from stacks.settings.settings import ROOT, Settings, SettingsError, default_bundle
from terminal_output import (
    escape_unencodable_output,
    interruption_code,
    run_program,
    termination_as_exception,
)

# The AWS profile for a bundle in S3; the default credentials without it.
BUNDLE_PROFILE = "BUNDLE_PROFILE"


def main(environment: Mapping[str, str]) -> int:
    """Downloads a bundle in S3 and trains models without a bundle; writes to stderr only.

    Args:
        environment: CDK_CONTEXT_JSON has the CDK context, CDK_DEFAULT_REGION the region of the deployment,
            BUNDLE_PROFILE the AWS profile for a bundle in S3.

    Returns:
        The exit code.
    """
    try:
        settings = Settings.from_context(json.loads(environment.get("CDK_CONTEXT_JSON", "{}")))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if settings.is_in_s3 and (status := _download(settings, environment)):
        return status
    for model, archive in settings.archives.items():
        is_missing = archive == default_bundle(model) and not archive.exists()
        if is_missing and (status := _train(model)):
            return status
    return 0


def _download(settings: Settings, environment: Mapping[str, str]) -> int:
    # Imported here, because every synth runs this command and boto3 takes 0.3 s to import.
    from stacks.commands.bundle_download import DownloadError, download_bundle

    print(f"Downloading {settings.bundle}.", file=sys.stderr, flush=True)
    try:
        download_bundle(
            settings.bundle,
            settings.archive,
            region=environment.get("CDK_DEFAULT_REGION"),
            profile=environment.get(BUNDLE_PROFILE),
        )
    except DownloadError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train(model: str) -> int:
    folder = default_bundle(model).parent.relative_to(ROOT)
    print(f"Training {model}, because there is no bundle in {folder}.", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "training", model, "--out", str(folder)]
    try:
        with termination_as_exception():
            return run_program(command, cwd=ROOT, stdout=sys.stderr)
    except KeyboardInterrupt as end:
        # The training has said so.
        return interruption_code(end)


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(os.environ))
