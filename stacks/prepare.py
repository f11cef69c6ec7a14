"""`python -m stacks.prepare`: trains the model that is about to be deployed, if there is no bundle of it.

cdk.json runs this before the application and not as its `build`, because the CDK CLI keeps the settings given
with `-c` from that.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from stacks.settings import ROOT, Settings, SettingsError, default_bundle


def main(environment: Mapping[str, str]) -> int:
    """Trains if need be, and says so on stderr: stdout belongs to `cdk synth`.

    Args:
        environment: Holds the CDK's context as CDK_CONTEXT_JSON.

    Returns:
        The exit status.
    """
    try:
        settings = Settings.from_context(json.loads(environment.get("CDK_CONTEXT_JSON", "{}")))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if settings.bundle.exists() or settings.bundle != default_bundle(settings.model):
        return 0
    return _train(settings)


def _train(settings: Settings) -> int:
    folder = settings.bundle.parent.relative_to(ROOT)
    print(f"Training {settings.model}, because there is no bundle in {folder}.", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "training", settings.model, "--out", str(folder)]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(os.environ))
