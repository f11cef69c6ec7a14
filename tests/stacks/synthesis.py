"""The stack of a bundle, as a template that can be asked."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from bundle import read_archive
from stacks.gates import guard
from stacks.prediction_stack import PredictionStack
from stacks.settings.settings import ROOT, Settings
from stacks.storage.archive import Archive

Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """What one synth made.

    Attributes:
        template: The CloudFormation template.
        stacks: Names of all stacks of the application.
        outdir: The cloud assembly.
    """

    template: dict[str, Any]
    stacks: list[str]
    outdir: Path

    @property
    def text(self) -> str:
        return json.dumps(self.template, sort_keys=True)

    def all(self, kind: str) -> dict[str, Resource]:
        """The resources of a type by logical id."""
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
        """The resource at a path of constructs, below the stack."""
        [found] = [
            resource
            for resource in self.template["Resources"].values()
            if resource["Metadata"]["aws:cdk:path"].partition("/")[2] == path
        ]
        return dict(found)

    def statements(self) -> Iterator[dict[str, Any]]:
        """Every statement of a policy for a role."""
        for policy in self.all("AWS::IAM::Policy").values():
            yield from policy["Properties"]["PolicyDocument"]["Statement"]

    def assets(self, kind: str) -> list[dict[str, Any]]:
        """What the CLI has to publish: `files` or `dockerImages`."""
        [manifest] = self.outdir.glob("*.assets.json")
        return list(json.loads(manifest.read_text())[kind].values())

    def normalised(self) -> dict[str, Any]:
        """The template without what follows from the content of assets."""
        text = re.sub(r"\b[0-9a-f]{64}\b", "<digest>", self.text)
        normal: dict[str, Any] = json.loads(text)
        return normal


# A stack of the tiny bundle by its stage and hosting.
Stacks = Callable[[str, str], Synthesis]


def context(**settings: Any) -> dict[str, Any]:
    """The context of cdk.json with other settings."""
    defaults: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    # The CLI sets it; the tests find constructs by it.
    return defaults | {"aws:cdk:enable-path-metadata": True} | settings


def synthesize(outdir: Path, *, places: Mapping[str, Path] | None = None, **settings: Any) -> Synthesis:
    """Does what app.py does, in this process, for the tiny model unless others are named.

    Args:
        outdir: Where the cloud assembly goes.
        places: Where the bundle of each model is, by its name, where settings do not say it.
        settings: What is set.
    """
    app = cdk.App(context=context(**{"model": "tiny"} | settings), outdir=str(outdir))
    found = Settings.from_context(app.node.get_all_context())
    archives = (
        tuple(Archive(path=places[name], bundle=read_archive(places[name])) for name in found.names)
        if places
        else found.open_archives()
    )
    stack = PredictionStack(app, found.stack_name, settings=found, archives=archives)
    guard(app, stack, models=found.names)
    assembly = app.synth()
    return Synthesis(
        template=assembly.get_stack_by_name(found.stack_name).template,
        stacks=[stack.stack_name for stack in assembly.stacks],
        outdir=outdir,
    )
