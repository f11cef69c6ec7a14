"""Content of a function's zip: a folder of lambda_src/ and files generated at synth."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from stacks.settings.settings import ROOT

_SOURCE = ROOT / "lambda_src"
_NO_BYTECODE = "__pycache__"
_FILE_MODE, _FOLDER_MODE = 0o644, 0o755


def package_code(package: str, *, generated: Mapping[str, str]) -> lambda_.AssetCode:
    """Returns the code asset of a function, with its package as a folder of the zip.

    Lambda runs a function as a user who is not the owner of its files, and a zip keeps the modes of the
    files in it; so the files have modes of their own instead of those of the checkout:
    https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html

    Args:
        package: Name of the folder in lambda_src/.
        generated: Files to add beside the handler, name -> text.
    """
    return lambda_.Code.from_asset(
        str(_SOURCE / package),
        asset_hash_type=AssetHashType.OUTPUT,
        bundling=BundlingOptions(
            # A required argument that is not used: local bundling always succeeds.
            image=DockerImage.from_registry("scratch"),
            local=_LocalBundling(package, generated),
        ),
    )


@jsii.implements(ILocalBundling)
class _LocalBundling:
    def __init__(self, package: str, generated: Mapping[str, str]) -> None:
        self._package = package
        self._generated = generated

    # jsii passes the options as keywords only when the signature names one of them.
    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: Any) -> bool:  # noqa: ARG002 - see above
        folder = Path(output_dir, self._package)
        shutil.copytree(_SOURCE / self._package, folder, ignore=shutil.ignore_patterns(_NO_BYTECODE))
        for name, text in self._generated.items():
            (folder / name).write_text(text, encoding="utf-8")
        _set_modes(Path(output_dir))
        return True


def _set_modes(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(_FOLDER_MODE if path.is_dir() else _FILE_MODE)
