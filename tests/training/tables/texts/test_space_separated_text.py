"""Texts with columns between runs of spaces and tabs, read with tabs."""

import io

import pytest

from training.tables.texts import space_separated_text as module
from training.tables.texts.space_separated_text import space_separated_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" 1.5   2 \t x\r\n\t3  4  y \r\n", b"1.5\t2\tx\r\n3\t4\ty\r\n"),
        (b'1\t"ford  pinto" 2\n', b'1\t"ford  pinto"\t2\n'),
        (b'"a ""b""  c"  d\n', b'"a ""b""  c"\td\n'),
        (b'5" 6"  7"\n', b'5"\t6"\t7"\n'),
        (b'"open 1\n2 3"\n', b'"open\t1\n2\t3"\n'),
        (b"a  b\n   \n1 2", b"a\tb\n\n1\t2"),
        (b"# a  b\n1 # 2\n", b"#a\tb\n1\t#\t2\n"),
        (b"", b""),
    ],
)
@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_a_run_between_cells_is_a_tab(
    monkeypatch: pytest.MonkeyPatch, text: bytes, expected: bytes, block: int
) -> None:
    monkeypatch.setattr(module, "_BLOCK_BYTES", block)

    assert space_separated_text(io.BytesIO(text)).read() == expected
