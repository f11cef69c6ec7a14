"""Reader and writer of model.tar.gz."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from bundle import BundleError, Manifest, read_archive, read_directory, write_archive
from tests.tiny_bundle import tiny_graph, tiny_manifest, write_tiny_bundle


def pack(path: Path, members: dict[str, bytes], *, kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.size = kind, len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        return {name: archive.extractfile(name).read() for name in archive.getnames()}  # type: ignore[union-attr]


def write_graph(path: Path, graph: onnx.ModelProto) -> None:
    write_archive(path, manifest=tiny_manifest(), model=graph.SerializeToString())


def test_a_written_archive_is_read_back(tmp_path: Path) -> None:
    written = write_tiny_bundle(tmp_path / "new" / "model.tar.gz")

    read = read_archive(tmp_path / "new" / "model.tar.gz")

    assert read == written
    assert len(read.manifest.version) == 12
    assert read.digest == hashlib.sha256((tmp_path / "new" / "model.tar.gz").read_bytes()).hexdigest()


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "one.tar.gz")
    write_tiny_bundle(tmp_path / "two.tar.gz")

    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()


@pytest.mark.parametrize("change", [{"weight": 2.0}, {"threshold": 0.4}])
def test_a_changed_graph_or_manifest_has_another_version_and_digest(
    tmp_path: Path, change: dict[str, float]
) -> None:
    one = write_tiny_bundle(tmp_path / "one.tar.gz")
    two = write_tiny_bundle(tmp_path / "two.tar.gz", **change)

    assert one.manifest.version != two.manifest.version
    assert one.digest != two.digest


def test_an_unpacked_folder_reads_like_the_archive(tmp_path: Path) -> None:
    written = write_tiny_bundle(tmp_path / "model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        archive.extractall(tmp_path / "model", filter="data")

    read = read_directory(tmp_path / "model")

    assert (read.manifest, read.model, read.digest) == (written.manifest, written.model, "")


def test_a_refused_bundle_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        write_tiny_bundle(tmp_path / "model.tar.gz", labels=("same", "same"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])

    with pytest.raises(BundleError, match="truncated"):
        read_archive(path)


def test_the_error_of_a_missing_archive_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="train the model first"):
        read_archive(tmp_path / "model.tar.gz")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no readable manifest\.json"):
        read_directory(tmp_path)


def test_an_archive_without_a_graph_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path)
    pack(path, {"manifest.json": members(path)["manifest.json"]})

    with pytest.raises(BundleError, match=r"has no model\.onnx"):
        read_archive(path)


def test_a_wrong_sha256_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path)
    other = tiny_graph(weight=3.0).SerializeToString()
    pack(path, members(path) | {"model.onnx": other})

    with pytest.raises(BundleError, match="sha256"):
        read_archive(path)


def test_an_edited_manifest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path)
    content = members(path)
    pack(path, content | {"manifest.json": content["manifest.json"].replace(b"0.5", b"0.6")})

    with pytest.raises(BundleError, match="altered"):
        read_archive(path)


def test_a_manifest_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path)
    content = members(path)
    pack(path, content | {"manifest.json": content["manifest.json"].replace(b'"format": 1', b'"format": 8')})

    with pytest.raises(BundleError, match="has format 8, and this program reads formats to 7"):
        read_archive(path)


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{", b"\xff", b'{"format": 1}', b'{"format": "1"}'])
def test_an_invalid_manifest_is_refused(manifest: bytes) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json is not valid"):
        Manifest.decode(manifest)


@pytest.mark.parametrize("name", ["../model.onnx", "/model.onnx", "model/../../model.onnx"])
def test_a_path_outside_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = pack(tmp_path / "model.tar.gz", {name: b"x"})

    with pytest.raises(BundleError, match="points outside the archive"):
        read_archive(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_in_place_of_a_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    path = pack(tmp_path / "model.tar.gz", {"model.onnx": b""}, kind=kind)

    with pytest.raises(BundleError, match="plain file"):
        read_archive(path)


def test_an_unknown_file_in_the_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    write_tiny_bundle(path)
    pack(path, members(path) | {"code.py": b"import os"})

    with pytest.raises(BundleError, match=r"'code\.py' is none of"):
        read_archive(path)


def test_an_archive_that_unpacks_to_too_many_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bundle.archive.MAX_UNPACKED_BYTES", 10_000)
    path = tmp_path / "model.tar.gz"
    path.write_bytes(gzip.compress(b"\0" * 1_000_000))

    with pytest.raises(BundleError, match="more than 10000 bytes"):
        read_archive(path)


def test_a_graph_with_external_data_is_refused(tmp_path: Path) -> None:
    graph = tiny_graph()
    onnx.external_data_helper.set_external_data(graph.graph.initializer[1], location="weights.bin")

    with pytest.raises(BundleError, match="an external file"):
        write_graph(tmp_path / "model.tar.gz", graph)


def test_a_custom_operator_domain_is_refused_even_inside_a_branch(tmp_path: Path) -> None:
    graph = tiny_graph()
    branch = helper.make_graph(
        [helper.make_node("Run", [], ["x"], domain="com.example")],
        "branch",
        [],
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
    )
    graph.graph.node.append(helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch))

    with pytest.raises(BundleError, match=r"custom domain 'com\.example'"):
        write_graph(tmp_path / "model.tar.gz", graph)


@pytest.mark.parametrize("model", [b"", b"not a graph", b"\x3a\xff\xff\xff\xff\x0f"])
def test_a_file_that_is_not_a_graph_is_refused(tmp_path: Path, model: bytes) -> None:
    with pytest.raises(BundleError, match=r"model\.onnx"):
        write_archive(tmp_path / "model.tar.gz", manifest=tiny_manifest(), model=model)


def test_a_graph_whose_inputs_differ_from_the_fields_is_refused(tmp_path: Path) -> None:
    graph = tiny_graph()
    graph.graph.input[0].name = "x"

    with pytest.raises(BundleError, match="fields and task need"):
        write_graph(tmp_path / "model.tar.gz", graph)
