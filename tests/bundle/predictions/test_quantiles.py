"""Quantiles of a second target in a bundle: what the manifest states, and the second graph beside it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bundle import (
    BundleError,
    Manifest,
    changed_parts,
    interface_of,
    read_archive,
    read_directory,
    write_archive,
)
from tests.bundle.test_archive import members, pack
from tests.tiny_bundle import (
    tiny_graph,
    tiny_manifest,
    tiny_quantiles,
    tiny_quantiles_graph,
    write_tiny_bundle,
)

FORMAT = 6


def test_a_bundle_with_quantiles_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    written = write_tiny_bundle(path, quantiles=tiny_quantiles())

    found = read_archive(path)

    assert found == written
    assert found.manifest.format == FORMAT
    assert found.quantiles == tiny_quantiles_graph().SerializeToString(deterministic=True)


def test_an_unpacked_bundle_has_its_quantiles_too(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "model.tar.gz", quantiles=tiny_quantiles())
    for name, content in members(tmp_path / "model.tar.gz").items():
        (tmp_path / name).write_bytes(content)

    assert read_directory(tmp_path).quantiles


def test_a_bundle_without_quantiles_has_the_format_and_the_files_that_it_had(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz")

    assert bundle.manifest.format < FORMAT
    assert sorted(members(tmp_path / "model.tar.gz")) == ["manifest.json", "model.onnx"]
    assert b"quantiles" not in bundle.manifest.encode()


@pytest.mark.parametrize(
    ("name", "said"), [("quantiles.onnx", "has no quantiles.onnx"), ("model.onnx", "has no")]
)
def test_a_bundle_that_lost_one_of_its_graphs_is_refused(tmp_path: Path, name: str, said: str) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path, quantiles=tiny_quantiles())
    pack(path, {file: content for file, content in members(path).items() if file != name})

    with pytest.raises(BundleError, match=said):
        read_archive(path)


def test_a_graph_of_quantiles_that_the_manifest_does_not_state_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path)
    pack(path, members(path) | {"quantiles.onnx": tiny_quantiles_graph().SerializeToString()})

    with pytest.raises(BundleError, match=r"states no quantiles, and the bundle has quantiles\.onnx"):
        read_archive(path)


def test_an_altered_graph_of_quantiles_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path, quantiles=tiny_quantiles())
    pack(path, members(path) | {"quantiles.onnx": tiny_graph().SerializeToString()})

    with pytest.raises(BundleError, match="was altered"):
        read_archive(path)


def test_a_graph_without_the_output_of_quantiles_is_refused(tmp_path: Path) -> None:
    graph = tiny_graph().SerializeToString()

    with pytest.raises(BundleError, match=r"quantiles\.onnx has inputs .*\['quantiles'\]"):
        write_archive(
            tmp_path / "model.tar.gz",
            manifest=tiny_manifest(quantiles=tiny_quantiles()),
            model=graph,
            quantiles=graph,
        )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Minutes"}, "no free name"),
        ({"name": "threshold"}, "no free name"),
        ({"name": "label"}, "no free name"),
        ({"name": "size"}, "which is one of its fields"),
        ({"levels": (0.1, 0.5, 0.5)}, "do not ascend"),
        ({"levels": (0.1, 0.4, 0.9)}, "around 0.5"),
        ({"golden": ((0.0, -1.0, 2.0),)}, "golden quantiles that do not ascend"),
        ({"golden": ()}, "not one for each golden row"),
    ],
    ids=str,
)
def test_contradictory_quantiles_are_refused(wrong: dict[str, Any], said: str) -> None:
    manifest = tiny_manifest(quantiles=tiny_quantiles(**wrong))

    with pytest.raises(BundleError, match=said):
        manifest.check()


def test_quantiles_belong_to_the_interface() -> None:
    without, having = tiny_manifest(), tiny_manifest(quantiles=tiny_quantiles())

    assert interface_of(without) != interface_of(having)
    assert changed_parts(without, having) == ["the quantiles of minutes"]
    assert interface_of(having) == interface_of(tiny_manifest(quantiles=tiny_quantiles(metrics={})))


def test_an_older_format_with_quantiles_is_refused() -> None:
    sealed = tiny_manifest(quantiles=tiny_quantiles()).sealed(b"model", b"quantiles")
    older = msgspec.structs.replace(sealed, format=FORMAT - 1)

    with pytest.raises(BundleError, match="has format 5, but parts of format 6"):
        Manifest.decode(older.encode())


def test_the_golden_answer_of_a_row_has_its_quantiles() -> None:
    [found] = tiny_manifest(quantiles=tiny_quantiles()).golden_answers

    assert found.matches(
        {"label": "yes", "probability": 0.5, "minutes": {"low": -5, "median": 0, "high": 20}}
    )
    assert not found.matches({"label": "yes", "probability": 0.5})
    assert not found.matches(
        {"label": "yes", "probability": 0.5, "minutes": {"low": -5, "median": 0.1, "high": 20}}
    )
