"""SageMaker's multi-model API: https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from bundle import Golden
from tests.contract.support.process import Reply, ServingProcess, assert_problem, unpack
from tests.reference import REFERENCE
from tests.serving.bundles import write_square_bundle
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

JSON = {"content-type": "application/json"}
MANY = {"SAGEMAKER_MULTI_MODEL": "true", "SAGEMAKER_MODEL_SERVER_WORKERS": "2"}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServingProcess]:
    with ServingProcess(tmp_path, **MANY) as process:
        yield process.until_ready()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingProcess]:
    """A server into which no test loads a model."""
    with ServingProcess(tmp_path_factory.mktemp("empty"), **MANY) as process:
        yield process.until_ready()


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    """The folder of an unpacked bundle, as SageMaker sends it in `url`."""
    write_tiny_bundle(tmp_path / "tiny.tar.gz")
    unpack(tmp_path / "tiny.tar.gz", tmp_path / "tiny")
    return str(tmp_path / "tiny" / "model")


@pytest.fixture
def square(tmp_path: Path) -> str:
    write_square_bundle(tmp_path / "square.tar.gz")
    unpack(tmp_path / "square.tar.gz", tmp_path / "square")
    return str(tmp_path / "square" / "model")


def load(process: ServingProcess, name: str, url: str) -> Reply:
    body = json.dumps({"model_name": name, "url": url}).encode()
    return process.send("POST", "/models", body, JSON)


def invoke(process: ServingProcess, name: str, body: bytes) -> Reply:
    return process.send("POST", f"/models/{quote(name, safe='')}/invoke", body, JSON)


def test_without_a_model_ping_is_200_and_the_list_is_empty(empty: ServingProcess) -> None:
    assert empty.get("/ping").json == {"status": "healthy"}
    assert empty.get("/models").json == {"models": []}
    assert_problem(invoke(empty, "a", b"{}"), 404)
    assert_problem(empty.get("/invocations", method="POST"), 404)


def test_a_loaded_model_gives_warnings_and_reasons(process: ServingProcess, tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "reference.tar.gz", reference=REFERENCE)
    unpack(tmp_path / "reference.tar.gz", tmp_path / "reference")
    load(process, "a", str(tmp_path / "reference" / "model"))

    body = b'{"size": 11, "kind": "ant"}'
    asked = {"x-amzn-sagemaker-custom-attributes": "&reasons=1"}
    reply = process.send("POST", "/models/a/invoke", body, JSON | asked)

    [found] = reply.json["predictions"]
    assert [warning["field"] for warning in found["warnings"]] == ["size"]
    assert [reason["field"] for reason in found["reasons"]] == ["size"]


def test_a_loaded_model_is_listed_described_and_invoked(process: ServingProcess, tiny: str) -> None:
    described = {"modelName": "a", "modelUrl": tiny}

    assert load(process, "a", tiny).status == 200
    assert process.get("/models").json == {"models": [described]}
    assert process.get("/models/a").json == described
    answer = invoke(process, "a", b'{"size":0}')
    assert (answer.status, answer.json["predictions"]) == (200, [{"label": "yes", "probability": 0.5}])
    assert answer.headers["x-model-version"] == answer.json["model"]["version"]


def test_several_models_predict_each_with_its_own_fields(
    process: ServingProcess, tiny: str, square: str
) -> None:
    load(process, "a", tiny)
    load(process, "b", square)

    assert invoke(process, "b", b'{"side":3}').json["predictions"] == [{"value": 9}]
    assert invoke(process, "a", b'{"size":0}').status == 200
    assert_problem(invoke(process, "a", b'{"side":3}'), 422)


def test_loading_a_name_twice_is_409(process: ServingProcess, tiny: str, square: str) -> None:
    load(process, "a", tiny)

    assert_problem(load(process, "a", square), 409)
    assert process.get("/models/a").json["modelUrl"] == tiny


def test_an_unloaded_model_is_404_and_can_be_loaded_again(process: ServingProcess, tiny: str) -> None:
    load(process, "a", tiny)

    assert process.get("/models/a", method="DELETE").status == 200
    assert_problem(process.get("/models/a"), 404)
    assert_problem(process.get("/models/a", method="DELETE"), 404)
    assert_problem(invoke(process, "a", b'{"size":0}'), 404)
    assert load(process, "a", tiny).status == 200


def test_a_model_name_may_be_any_text(process: ServingProcess, tiny: str) -> None:
    name = "folder/model é.tar.gz"

    assert load(process, name, tiny).status == 200
    assert invoke(process, name, b'{"size":0}').status == 200
    assert process.get(f"/models/{quote(name, safe='')}").json["modelName"] == name


@pytest.mark.slow
def test_a_long_list_has_pages(process: ServingProcess, tiny: str) -> None:
    names = [f"model-{number:03}" for number in range(101)]
    for name in names:
        assert load(process, name, tiny).status == 200

    first = process.get("/models").json
    second = process.get(f"/models?next_page_token={quote(first['nextPageToken'])}").json

    assert [model["modelName"] for model in (*first["models"], *second["models"])] == names
    assert "nextPageToken" not in second


def test_a_bundle_that_cannot_be_served_is_500_and_the_other_models_go_on(
    process: ServingProcess, tiny: str, tmp_path: Path
) -> None:
    golden = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.75}),)
    write_tiny_bundle(tmp_path / "wrong.tar.gz", golden=golden)
    unpack(tmp_path / "wrong.tar.gz", tmp_path / "wrong")
    load(process, "a", tiny)

    missing = load(process, "b", str(tmp_path / "nowhere"))
    wrong = load(process, "b", str(tmp_path / "wrong" / "model"))

    assert "no readable manifest.json" in assert_problem(missing, 500)["detail"]
    assert "golden row" in assert_problem(wrong, 500)["detail"]
    assert [model["modelName"] for model in process.get("/models").json["models"]] == ["a"]
    assert invoke(process, "a", b'{"size":0}').status == 200
    assert process.get("/ping").status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"model_name":"a"}', b'{"model_name":"","url":"/x"}', b"\xff"]
)
def test_an_invalid_body_of_a_load_is_400(empty: ServingProcess, body: bytes) -> None:
    assert_problem(empty.send("POST", "/models", body, JSON), 400)


def test_a_model_over_the_memory_budget_is_507_and_is_not_loaded(tmp_path: Path, tiny: str) -> None:
    with ServingProcess(tmp_path, **MANY, SERVING_MODEL_MEMORY_MB="20") as process:
        problem = assert_problem(load(process.until_ready(), "a", tiny), 507)

        assert "20 MB are the most" in problem["detail"]
        assert process.get("/models").json == {"models": []}
        assert process.get("/ping").status == 200


def test_failures_of_one_model_leave_ping_at_200(process: ServingProcess, tiny: str, square: str) -> None:
    load(process, "a", tiny)
    load(process, "b", square)

    failures = [invoke(process, "b", b'{"side":1e30}').status for _ in range(4)]

    assert failures == [500] * 4
    assert process.get("/ping").status == 200
    assert invoke(process, "a", b'{"size":0}').status == 200


@pytest.mark.slow
def test_a_replaced_worker_loads_the_same_models(process: ServingProcess, tiny: str) -> None:
    load(process, "a", tiny)
    for event in process.events("worker ready"):
        os.kill(event["worker"], signal.SIGKILL)

    # As a batch, whose deadline leaves time to start a worker on a slow machine.
    assert invoke(process, "a", b'{"instances":[{"size":0}]}').status == 200
    process.until_ready()
    assert [invoke(process, "a", b'{"size":0}').status for _ in range(10)] == [200] * 10


def test_any_other_method_is_405_with_the_allowed_ones(empty: ServingProcess) -> None:
    reply = empty.get("/models", method="PUT")

    assert_problem(reply, 405)
    assert reply.headers["allow"] == "GET, POST"
