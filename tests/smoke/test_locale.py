"""`python -m smoke` in a locale that lacks its marks."""

import subprocess
import sys
from pathlib import Path

from local.local_aws import LocalAws
from local.process_environment import isolated
from smoke.stack_target import ROOT
from tests.inherited_environ import inherited_environ
from tests.smoke.service import deployed, service
from tests.tiny_bundle import write_tiny_bundle


def test_marks_that_a_locale_lacks_are_escaped(aws: LocalAws, tmp_path: Path) -> None:
    bundle = tmp_path / "model.tar.gz"
    version = write_tiny_bundle(bundle).manifest.version
    locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "AWS_ENDPOINT_URL": aws.url}

    with deployed(aws, service(version=version)) as url:
        done = subprocess.run(
            [sys.executable, "-m", "smoke", "--stack", "Small", "--bundle", bundle, "--api-url", url],
            cwd=ROOT,
            env=isolated(inherited_environ()) | locale,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done
    assert done.stdout.startswith("\\u2713 ")
    assert "all 6 checks pass" in done.stdout
