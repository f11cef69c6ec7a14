"""The viewer of /docs: Swagger UI, from the packages of Node that the project installs."""

import functools
from pathlib import Path

from api import Viewer
from stacks.settings.settings import ROOT, SettingsError

_PACKAGE = ROOT / "node_modules" / "swagger-ui-dist"


@functools.cache
def read_viewer(package: Path = _PACKAGE) -> Viewer:
    """Returns the viewer, whose version package-lock.json pins.

    A synth without it is refused. A template that leaves /docs out where the package is missing would have
    another content on another machine, and the next deployment from there would remove the page in silence.

    Args:
        package: Folder of the package swagger-ui-dist.

    Raises:
        SettingsError: The package is not installed.
    """
    try:
        return Viewer(
            style=(package / "swagger-ui.css").read_text(encoding="utf-8"),
            script=(package / "swagger-ui-bundle.js").read_text(encoding="utf-8"),
        )
    except OSError:
        raise SettingsError(
            f"The page /docs needs the package swagger-ui-dist, which is not in {package.parent}: run "
            "`make synth` or `npm ci`, which install it, or leave the pages out with -c page=off."
        ) from None
