"""Last lines of a log file."""

from pathlib import Path

import pytest

from local.processes.log_file import last_lines


def test_the_last_lines_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(str(number) for number in range(100)) + "\n\n")

    assert last_lines(log, lines=3) == "97\n98\n99"


def test_a_long_line_is_cut_at_its_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("x" * 100 + "end")

    assert last_lines(log, characters=5) == "xxend"


@pytest.mark.parametrize("content", [None, b"", b"\n \n"])
def test_an_empty_or_missing_log_is_reported_as_empty(tmp_path: Path, content: bytes | None) -> None:
    log = tmp_path / "log"
    if content is not None:
        log.write_bytes(content)

    assert last_lines(log) == "(the log is empty)"


def test_invalid_utf_8_is_not_an_error(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xff\xfe bad")

    assert last_lines(log).endswith(" bad")
