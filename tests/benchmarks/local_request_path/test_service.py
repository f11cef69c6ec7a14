"""AWS of the benchmark of the local path."""

from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.local_request_path.service import started
from local.local_aws import LocalAws
from local.processes import lock


@pytest.mark.slow
def test_an_aws_of_its_own_is_stopped_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Given a place for its folder, and another name of the lock that its processes hold
    (tmp_path / "state").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "state"))
    kept = tmp_path / "lock"

    # When it runs and a command fails
    def run() -> None:
        with started("absent") as service:
            [folder] = (tmp_path / "state").iterdir()
            kept.hardlink_to(LocalAws(port=0, state=folder).lock_file)
            assert lock.is_held(kept)
            service.promote(tmp_path / "none.tar.gz")

    with pytest.raises(BenchmarkError, match="`python -m local promote` failed"):
        run()

    # Then no process of it runs, its folder is gone, and the command has said why
    assert not lock.is_held(kept)
    assert not [*(tmp_path / "state").iterdir()]
    assert "No model absent is deployed" in capfd.readouterr().err
