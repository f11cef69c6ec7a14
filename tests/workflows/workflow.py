"""Parsed GitHub workflows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())
DEPLOY = ROOT / ".github" / "workflows" / "deploy.yml"

Job = dict[str, Any]


def load(path: Path) -> dict[str, Any]:
    """The workflow; YAML reads its key `on` as true."""
    workflow: dict[Any, Any] = yaml.safe_load(path.read_text())
    return {"on" if key is True else key: value for key, value in workflow.items()}


def jobs() -> Iterator[tuple[str, Job]]:
    for path in WORKFLOWS:
        for name, job in load(path)["jobs"].items():
            yield f"{path.name} {name}", job


def uses(job: Job) -> list[str]:
    return [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]


def scripts(job: Job) -> list[str]:
    """The scripts of a job, for the shell and for github-script."""
    return [
        script
        for step in job["steps"]
        if (script := step.get("run") or step.get("with", {}).get("script")) is not None
    ]


def deploy_job(name: str) -> Job:
    job: Job = load(DEPLOY)["jobs"][name]
    return job
