"""Synthesis of the stack in this process, and queries on its template."""

import fcntl
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from bundle import read_archive
from stacks.gates.validation_plugins import add_validations
from stacks.prediction_stack import PredictionStack
from stacks.settings.bundle_archive import Archive
from stacks.settings.settings import ROOT, Settings

Resource = dict[str, Any]


# The version that serves, in a template of one model.
RELEASED_VERSION = {
    "Fn::If": [
        "IsReleased",
        {"Ref": "ReleasedVersion"},
        {"Fn::FindInMap": ["Template", "Bundle", "Version"]},
    ]
}


def while_serving(value: Any) -> Any:
    """A value of a template under the condition Serves: that of a service that is not paused."""
    if isinstance(value, list):
        return [while_serving(part) for part in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["Fn::If"] and value["Fn::If"][0] == "Serves":
        return while_serving(value["Fn::If"][1])
    found = {key: while_serving(part) for key, part in value.items()}
    return {key: part for key, part in found.items() if part != {"Ref": "AWS::NoValue"}}


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """Result of one synth.

    Attributes:
        template: The CloudFormation template of the stack.
        stacks: Names of all stacks of the application.
        outdir: Folder of the cloud assembly.
    """

    template: dict[str, Any]
    stacks: list[str]
    outdir: Path

    @property
    def text(self) -> str:
        return json.dumps(self.template, sort_keys=True)

    def all(self, kind: str) -> dict[str, Resource]:
        """The resources of a type, by logical id."""
        resources: dict[str, Resource] = self.template["Resources"]
        return {name: found for name, found in resources.items() if found["Type"] == kind}

    def only(self, kind: str) -> tuple[str, Resource]:
        """The one resource of a type, with its logical id."""
        [found] = self.all(kind).items()
        return found

    def properties(self, kind: str) -> dict[str, Any]:
        """The properties of the one resource of a type."""
        properties: dict[str, Any] = self.only(kind)[1]["Properties"]
        return properties

    def by_path(self, path: str) -> Resource:
        """The resource at a construct path below the stack."""
        [found] = [
            resource
            for resource in self.template["Resources"].values()
            if resource["Metadata"]["aws:cdk:path"].partition("/")[2] == path
        ]
        return dict(found)

    def statements(self) -> Iterator[dict[str, Any]]:
        """Every statement of every AWS::IAM::Policy."""
        for policy in self.all("AWS::IAM::Policy").values():
            yield from policy["Properties"]["PolicyDocument"]["Statement"]

    def assets(self, kind: str) -> list[dict[str, Any]]:
        """The assets of a kind: `files` or `dockerImages`."""
        [manifest] = self.outdir.glob("*.assets.json")
        return list(json.loads(manifest.read_text())[kind].values())

    def normalised(self) -> dict[str, Any]:
        """The template without the digests of assets, and of the function that a version is published of."""
        text = re.sub(r"\b[0-9a-f]{64}\b|(?<=CurrentVersion[0-9A-F]{8})[0-9a-f]{32}", "<digest>", self.text)
        normal: dict[str, Any] = json.loads(text)
        return normal


# Returns the stack of the model tiny, by its stage and hosting.
Stacks = Callable[[str, str], Synthesis]


def context(**settings: Any) -> dict[str, Any]:
    """The context of cdk.json with other settings."""
    defaults: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    # The CLI sets it; the tests find constructs by it.
    return defaults | {"aws:cdk:enable-path-metadata": True} | settings


def synthesize(
    outdir: Path, *, bundles: Mapping[str, Path] | None = None, is_validated: bool = False, **settings: Any
) -> Synthesis:
    """Synthesizes as app.py does, in this process; the model is tiny unless the settings name another.

    Args:
        outdir: Folder of the cloud assembly.
        bundles: Bundle of each model, by its name, instead of those of the settings.
        is_validated: Whether the validations of app.py run; tests of the template do without.
        settings: Settings other than those of cdk.json.
    """
    # Within one process the CDK takes a file of the same path for the same file.
    cdk.AssetStaging.clear_asset_hash_cache()
    app = cdk.App(
        context=context(**{"model": "tiny"} | settings),
        outdir=str(outdir),
        builtin_cloud_formation_validation=is_validated,
    )
    found = Settings.from_context(app.node.get_all_context())
    archives = (
        tuple(Archive(path=bundles[name], bundle=read_archive(bundles[name])) for name in found.names)
        if bundles
        else found.open_archives()
    )
    stack = PredictionStack(app, found.stack_name, settings=found, archives=archives)
    if is_validated:
        add_validations(app, stack, models=found.names, hosting=found.hosting)
    assembly = app.synth()
    return Synthesis(
        template=assembly.get_stack_by_name(found.stack_name).template,
        stacks=[stack.stack_name for stack in assembly.stacks],
        outdir=outdir,
    )


class Synthesizer:
    """Synthesizes stacks of the models tiny and other_tiny, each once for all workers of a test run.

    Args:
        folder: Folder with the bundles of both models, which gets the cloud assemblies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def one(self, *, is_validated: bool = False, **settings: Any) -> Synthesis:
        """Returns the stack of the model tiny."""
        return self._once(["tiny"], is_validated=is_validated, **settings)

    def several(self, *, is_validated: bool = False, **settings: Any) -> Synthesis:
        """Returns the stack of both models."""
        names = {"models": "tiny,other_tiny"}
        return self._once(["tiny", "other_tiny"], is_validated=is_validated, **names | settings)

    def _once(self, names: list[str], *, is_validated: bool, **settings: Any) -> Synthesis:
        key = json.dumps([is_validated, settings], sort_keys=True)
        # The hyphen matters: checkov takes 40 characters of a path without one for a secret key.
        outdir = self._folder / f"stack-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        record = outdir.with_suffix(".json")
        bundles = {name: self._folder / f"{name}.tar.gz" for name in names}
        with lock(outdir.with_suffix(".lock")):
            if not record.exists():
                made = synthesize(outdir, bundles=bundles, is_validated=is_validated, **settings)
                record.write_text(json.dumps([made.template, made.stacks]))
        template, stacks = json.loads(record.read_text())
        return Synthesis(template=template, stacks=stacks, outdir=outdir)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Excludes the other workers of the test run while it is open."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
