"""States Register, Approve and Reject: what the registry says about a version."""

import json
import os
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from .failure import reason_of
from .resources.job_results import JobResults
from .resources.model_packages import APPROVED, REJECTED, ModelPackages, source_of

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
_HTML, _JSON = "text/html; charset=utf-8", "application/json"
_MOST_FIGURES = 3


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Does the step of the state that calls.

    Args:
        event: `step`, and what the states before have found.

    Returns:
        For register: `version`, `package`, `passes`, `reasons` and `figures`; nothing for the other steps.

    Raises:
        ClientError: AWS refuses a request.
        KeyError: A job has not written what it must.
    """
    packages = ModelPackages(boto3.client("sagemaker", config=_CONFIG), os.environ["GROUP"])
    if event["step"] == "register":
        return _register(packages, boto3.client("s3", config=_CONFIG), event["state"])
    found = event["state"]
    registered = found["registered"]
    if event["step"] == "approve":
        packages.decide(
            registered["package"],
            APPROVED,
            reason=f"By rule: the judge lets it pass, and approve is auto. {event['execution']}",
        )
    else:
        packages.decide(registered["package"], REJECTED, reason=f"It failed in service: {reason_of(found)}")
    return {}


def _register(packages: ModelPackages, s3: Any, found: Mapping[str, Any]) -> dict[str, Any]:
    """Lays out bundle, manifest, report and verdict under the version, and registers it.

    A package of the version, such as that of an attempt before, is used again.
    """
    run, trained, judged = found["run"], found["trained"], found["judged"]
    results, verdicts = JobResults(s3, trained["model"]), JobResults(s3, judged["model"]).model_files()
    manifest_text = results.model_files()["manifest.json"]
    manifest, verdict = json.loads(manifest_text), json.loads(verdicts["verdict.json"])
    version, passes = manifest["version"], bool(verdict["passes"])
    folder = f"{os.environ['MODELS']}/{version}"
    objects = {
        "manifest.json": (manifest_text, _JSON),
        "verdict.json": (verdicts["verdict.json"], _JSON),
        "verdict.html": (verdicts.get("verdict.html"), _HTML),
        "report.html": (results.other_files().get("report.html"), _HTML),
    }
    bucket = os.environ["BUCKET"]
    source = {"Bucket": results.bucket, "Key": results.key}
    # The bundle that serves is not written again: the same content may be packed into other bytes.
    if version != run["champion"]:
        s3.copy_object(Bucket=bucket, Key=f"{folder}/model.tar.gz", CopySource=source)
        for name, (body, content_type) in objects.items():
            if body is not None:
                s3.put_object(Bucket=bucket, Key=f"{folder}/{name}", Body=body, ContentType=content_type)
    known = packages.find(version)
    if known:
        package = str(known["ModelPackageArn"])
    else:
        package = packages.create(
            source=source_of(f"s3://{bucket}/{folder}/model.tar.gz", like=packages.find(run["champion"])),
            description=f"{manifest['name']} {version}, retrained by {trained['job']}",
            verdict=f"s3://{bucket}/{folder}/verdict.json",
            properties=_properties(found, manifest, verdict),
        )
    if not passes and version != run["champion"]:
        packages.decide(package, REJECTED, reason=" ".join(verdict["reasons"]))
    return {
        "version": version,
        "package": package,
        "passes": passes,
        "reasons": verdict["reasons"],
        "figures": _figures(verdict),
        "rows": verdict.get("rows", 0),
        "days": verdict.get("days", 0),
        "verdict": f"s3://{bucket}/{folder}/verdict.html",
    }


def _properties(
    found: Mapping[str, Any], manifest: Mapping[str, Any], verdict: Mapping[str, Any]
) -> dict[str, str]:
    run, data = found["run"], manifest["data"]
    properties = {
        "version": manifest["version"],
        # Only a version with the interface of the deployed one passes the judge.
        "interface": os.environ["INTERFACE"] if verdict["passes"] else "",
        "source": "retraining",
        "data": run["data"]["uri"],
        "data_sha256": run["data"]["sha256"],
        "rows": str(data["rows"]),
        "first_day": data.get("start", ""),
        "last_day": data.get("end", ""),
        "training_job": found["trained"]["job"],
        "image": os.environ["TRAINING_IMAGE"],
        "champion": run["champion"],
        "metrics": " ".join(f"{name}={figure['challenger']}" for name, figure in _figures(verdict).items()),
    }
    return {name: value for name, value in properties.items() if value}


def _figures(verdict: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Returns the first metrics of a verdict as texts: of champion and challenger, and the difference."""
    return {
        name: {
            part: f"{metric[part]:.4f}"
            for part in ("champion", "challenger", "difference", "low", "high")
            if isinstance(metric.get(part), int | float)
        }
        for name, metric in list(verdict.get("metrics", {}).items())[:_MOST_FIGURES]
        if isinstance(metric, dict)
    }
