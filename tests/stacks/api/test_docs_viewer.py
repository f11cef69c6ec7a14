from pathlib import Path

import pytest

from stacks.api.docs_viewer import read_viewer
from stacks.settings.settings import ROOT, SettingsError


def test_the_viewer_is_the_one_that_the_lock_file_pins() -> None:
    viewer = read_viewer()

    package = ROOT / "node_modules" / "swagger-ui-dist"
    assert viewer.script == (package / "swagger-ui-bundle.js").read_text(encoding="utf-8")
    assert viewer.style == (package / "swagger-ui.css").read_text(encoding="utf-8")


def test_without_the_viewer_a_synth_ends_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"`make synth` or `npm ci`.*page=off") as refused:
        read_viewer(tmp_path / "node_modules" / "swagger-ui-dist")

    assert str(tmp_path / "node_modules") in str(refused.value)
