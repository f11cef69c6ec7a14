"""`python -m stacks.prepare`: lays the bundle that is about to be deployed in its place, if it is not there.

cdk.json runs this before the application and not as its `build`, because the CDK CLI keeps the settings given
with `-c` from that.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from stacks.fetched_bundle import FetchError, fetch_bundle
from stacks.settings import ROOT, Settings, SettingsError, default_bundle


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
    if settings.archive == default_bundle(settings.model) and not settings.archive.exists():
        return _train(settings)
    return 0


def _train(settings: Settings) -> int:
    folder = settings.archive.parent.relative_to(ROOT)
    print(f"Training {settings.model}, because there is no bundle in {folder}.", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "training", settings.model, "--out", str(folder)]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(os.environ))
