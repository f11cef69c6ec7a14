"""Worker: commands to load, test, invoke and unload models."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bundle import Golden
from serving.direct_connections.handover_messages import message_sockets
from serving.direct_connections.memory.handover_memory import HandoverMemory
from serving.predict.request import InferenceRequest
from serving.workers.protocol import (
    FramePipes,
    Infer,
    Inferred,
    LoadModel,
    ModelLoaded,
    ModelRefused,
    ModelUnloaded,
    SelfTest,
    SelfTested,
    UnloadModel,
    WorkerCommand,
    decode_reply,
)
from serving.workers.worker import QUICK_BYTES, Worker, takes_long
from tests.contract.support.process import unpack
from tests.serving.bundles import write_square_bundle
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

# A worker process that prints how often garbage is collected while it answers.
COUNTED = """
import gc
from serving.workers import worker
infer = worker.Worker._infer
def count(self, requests):
    gc.collect()
    before = gc.get_stats()
    try:
        return infer(self, requests)
    finally:
        print(sum(b["collections"] - a["collections"] for a, b in zip(before, gc.get_stats())), flush=True)
worker.Worker._infer = count
worker.main()
"""
WRONG = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.75}),)
JSON = (b"application/json", b"", b"", b"")


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    write_tiny_bundle(tmp_path / "tiny.tar.gz")
    unpack(tmp_path / "tiny.tar.gz", tmp_path / "tiny")
    return str(tmp_path / "tiny" / "model")


@pytest.fixture
def square(tmp_path: Path) -> str:
    write_square_bundle(tmp_path / "square.tar.gz")
    unpack(tmp_path / "square.tar.gz", tmp_path / "square")
    return str(tmp_path / "square" / "model")


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """A bundle whose golden row is predicted wrong."""
    write_tiny_bundle(tmp_path / "wrong.tar.gz", golden=WRONG)
    unpack(tmp_path / "wrong.tar.gz", tmp_path / "wrong")
    return str(tmp_path / "wrong" / "model")


def infer(worker: Worker, *requests: tuple[str, bytes]) -> list[tuple[int, object]]:
    reply = worker.execute(Infer([InferenceRequest(model, body, JSON) for model, body in requests]))
    assert isinstance(reply, Inferred)
    return [(response.status, json.loads(response.body).get("predictions")) for response in reply.responses]


def test_a_loaded_model_is_described_and_passes_its_self_test(tiny: str) -> None:
    worker = Worker()

    loaded = worker.execute(LoadModel("a", tiny))
    tested = worker.execute(SelfTest())

    assert isinstance(loaded, ModelLoaded)
    assert (loaded.name, json.loads(loaded.identity)["version"]) == ("tiny", loaded.version)
    assert isinstance(tested, SelfTested)
    assert (tested.failure, tested.resident > 0, loaded.resident > 0) == (None, True, True)


def test_requests_for_several_models_in_one_batch_are_answered_in_their_order(tiny: str, square: str) -> None:
    worker = Worker()
    worker.execute(LoadModel("a", tiny))
    worker.execute(LoadModel("b", square))

    found = infer(worker, ("b", b'{"side":2}'), ("a", b'{"size":0}'), ("c", b"{}"), ("b", b'{"side":3}'))

    assert found == [
        (200, [{"value": 4}]),
        (200, [{"label": "yes", "probability": 0.5}]),
        (404, None),
        (200, [{"value": 9}]),
    ]


def test_an_unloaded_model_is_404(tiny: str) -> None:
    worker = Worker()
    worker.execute(LoadModel("a", tiny))

    assert isinstance(worker.execute(UnloadModel("a")), ModelUnloaded)
    assert infer(worker, ("a", b'{"size":0}')) == [(404, None)]


def test_a_model_that_predicts_its_golden_row_wrong_is_refused(wrong: str) -> None:
    worker = Worker()

    refused = worker.execute(LoadModel("a", wrong))

    assert isinstance(refused, ModelRefused)
    assert "golden row" in refused.reason
    assert infer(worker, ("a", b'{"size":0}')) == [(404, None)]


def test_a_loaded_model_that_predicts_its_golden_row_wrong_later_fails_the_self_test(
    tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker()
    worker.execute(LoadModel("a", tiny))

    monkeypatch.setattr(Golden, "matches", lambda _self, _prediction: False)
    tested = worker.execute(SelfTest())

    assert isinstance(tested, SelfTested)
    assert "golden row" in (tested.failure or "")


def test_a_folder_without_a_bundle_is_refused_with_a_sentence(tmp_path: Path) -> None:
    refused = Worker().execute(LoadModel("a", str(tmp_path)))

    assert isinstance(refused, ModelRefused)
    assert "no readable manifest.json" in refused.reason


def test_an_unexpected_error_of_a_load_is_logged_and_refused(
    tiny: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("serving.workers.worker.Batch", lambda _: None)
    monkeypatch.setattr("serving.workers.worker.Predictor.load", lambda _: 1 / 0)

    refused = Worker().execute(LoadModel("a", tiny))

    assert refused == ModelRefused("An error in the program: ZeroDivisionError; see the log.")
    assert [record.exc_info is None for record in caplog.records] == [False]


def test_a_request_of_a_thousand_rows_is_answered_without_a_collection_of_garbage(tiny: str) -> None:
    received, commands = os.pipe()
    replies, replied = os.pipe()
    handovers, passed = message_sockets()
    descriptors = [received, replied, passed.detach(), HandoverMemory.create()]
    program = [sys.executable, "-c", COUNTED, *map(str, descriptors), f"{os.getpid()}"]
    body = json.dumps({"instances": [EXAMPLE] * 1_000}).encode()

    with (
        handovers,
        subprocess.Popen(program, pass_fds=descriptors, stdout=subprocess.PIPE, text=True) as process,
    ):
        for descriptor in descriptors:
            os.close(descriptor)
        frames = FramePipes(replies, commands)
        frames.send(LoadModel("a", tiny))
        assert frames.receive()
        frames.send(Infer([InferenceRequest("a", body, JSON)]))
        answered = decode_reply(frames.receive() or b"")
        os.close(commands)
        counts = process.communicate()[0].split()
    os.close(replies)

    assert isinstance(answered, Inferred)
    assert [response.status for response in answered.responses] == [200]
    assert counts == ["0"]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (SelfTest(), False),
        (Infer([InferenceRequest("", b'{"size":0}', JSON)] * 128), False),
        (Infer([InferenceRequest("", b" " * QUICK_BYTES, JSON), InferenceRequest("", b"1", JSON)]), True),
        (Infer([InferenceRequest("", b'{"size":0}', (*JSON[:3], b"reasons=true"))]), True),
        (LoadModel("a", "folder"), True),
        (UnloadModel("a"), True),
    ],
)
def test_clients_do_not_wait_for_commands_with_many_rows_or_options(
    command: WorkerCommand, found: bool
) -> None:
    assert takes_long(command) == found
