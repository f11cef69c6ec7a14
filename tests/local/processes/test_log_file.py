"""The end of a log file."""

from pathlib import Path

import pytest

from local.processes.log_file import last_lines


def test_the_last_lines_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(str(number) for number in range(100)) + "\n\n")

    assert last_lines(log, lines=3) == "97\n98\n99"


def test_a_long_line_is_kept_at_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("x" * 100 + "end")

    assert last_lines(log, characters=5) == "xxend"


@pytest.mark.parametrize("content", [None, b"", b"\n \n"])
def test_a_log_without_a_word_says_so(tmp_path: Path, content: bytes | None) -> None:
    log = tmp_path / "log"
    if content is not None:
        log.write_bytes(content)

    assert last_lines(log) == "(the log is empty)"


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xff\xfe bad")

    assert last_lines(log).endswith(" bad")
