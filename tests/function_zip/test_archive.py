"""The zip file: its bytes, modes and size."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from function_zip.archive import ZipError, check_unzipped_size, write_zip


def test_a_zip_has_the_same_bytes_whatever_the_order_times_and_modes_of_its_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.so"
    for path in (one, two):
        path.write_text(path.name)
    files = [("one.py", one), ("folder/two.so", two)]

    write_zip(tmp_path / "first.zip", files)
    one.chmod(0o600)
    os.utime(two, (1, 1))
    write_zip(tmp_path / "second.zip", reversed(files))

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_the_same_zip_may_be_written_twice_at_the_same_time(tmp_path: Path) -> None:
    source = tmp_path / "any"
    source.write_text("any")
    zip_file = tmp_path / "a.zip"

    def files() -> Iterator[tuple[str, Path]]:
        write_zip(zip_file, [("a.py", source)])
        yield "a.py", source

    write_zip(zip_file, files())

    with zipfile.ZipFile(zip_file) as archive:
        assert archive.read("a.py") == b"any"


def test_everyone_can_read_the_files_and_load_the_libraries(tmp_path: Path) -> None:
    source = tmp_path / "any"
    source.write_text("any")
    source.chmod(0o600)
    write_zip(tmp_path / "a.zip", [(name, source) for name in ("a.py", "b.so", "c.so.1.2")])

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = {entry.filename: oct(entry.external_attr >> 16) for entry in archive.infolist()}
    assert modes == {"a.py": "0o100644", "b.so": "0o100755", "c.so.1.2": "0o100755"}


def test_a_zip_over_lambdas_limit_is_refused_with_its_size_and_largest_packages() -> None:
    megabyte = 1 << 20
    sizes = {"numpy/a": 90 * megabyte, "onnxruntime/b": 200 * megabyte, "x/c": megabyte, "y/d": 2 * megabyte}

    with pytest.raises(ZipError) as refused:
        check_unzipped_size(sizes)

    assert str(refused.value).startswith(
        "The zip of the model's function has 293 MB unzipped, and Lambda's limit is 250 MB; the largest "
        "packages are onnxruntime (200 MB), numpy (90 MB), y (2 MB): "
    )
    check_unzipped_size({"numpy/a": 250 * megabyte})
