"""`python -m stacks.commands.prepare`: puts the bundles to deploy where the application reads them.

cdk.json runs this before the application and not as its `build`, because the CDK CLI keeps the settings given
with `-c` from that.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from stacks.commands.fetched_bundle import FetchError, fetch_bundle
from stacks.settings.settings import ROOT, Settings, SettingsError, default_bundle


def main(environment: Mapping[str, str]) -> int:
    """Trains or fetches if need be, and says so on stderr: stdout belongs to `cdk synth`.

    Args:
        environment: Holds the CDK's context as CDK_CONTEXT_JSON, its region as CDK_DEFAULT_REGION.

    Returns:
        The exit status.
    """
    try:
        settings = Settings.from_context(json.loads(environment.get("CDK_CONTEXT_JSON", "{}")))
        if settings.is_fetched:
            print(f"Fetching {settings.bundle}.", file=sys.stderr, flush=True)
            fetch_bundle(settings.bundle, settings.archive, region=environment.get("CDK_DEFAULT_REGION"))
    except (SettingsError, FetchError) as error:
        print(error, file=sys.stderr)
        return 1
    for model, archive in settings.archives.items():
        is_missing = archive == default_bundle(model) and not archive.exists()
        if is_missing and (status := _train(model)):
            return status
    return 0


def _train(model: str) -> int:
    folder = default_bundle(model).parent.relative_to(ROOT)
    print(f"Training {model}, because there is no bundle in {folder}.", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "training", model, "--out", str(folder)]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(os.environ))
