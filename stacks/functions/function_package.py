"""What a function's zip holds: a folder of lambda_src/, and files that only the synth knows."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, IgnoreMode, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from stacks.settings.settings import ROOT

_SOURCE = ROOT / "lambda_src"
_NO_BYTECODE = "__pycache__"


def package_code(package: str, *, made: Mapping[str, str]) -> lambda_.AssetCode:
    """The code of a function: its package as a folder, so that its modules import each other as in the tests.

    Args:
        package: Name of the folder in lambda_src/.
        made: Files to lie beside its handler, name -> text.
    """
    if made:
        return lambda_.Code.from_asset(
            str(_SOURCE / package),
            asset_hash_type=AssetHashType.OUTPUT,
            bundling=BundlingOptions(
                # Asked for in any case, and never run: the files are put together right here.
                image=DockerImage.from_registry("scratch"),
                local=_Package(package, made),
            ),
        )
    return lambda_.Code.from_asset(
        str(_SOURCE),
        exclude=["**", f"!{package}/**", f"**/{_NO_BYTECODE}"],
        ignore_mode=IgnoreMode.DOCKER,
    )


@jsii.implements(ILocalBundling)
class _Package:
    def __init__(self, package: str, made: Mapping[str, str]) -> None:
        self._package = package
        self._made = made

    # jsii hands over the options as keywords only to who names one.
    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: Any) -> bool:  # noqa: ARG002 - see above
        folder = Path(output_dir, self._package)
        shutil.copytree(_SOURCE / self._package, folder, ignore=shutil.ignore_patterns(_NO_BYTECODE))
        for name, text in self._made.items():
            (folder / name).write_text(text, encoding="utf-8")
        return True
