"""Models of a multi-model endpoint, through boto3: load, unload, errors, restart."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.local.polling import until
from tests.local.sagemaker.hosting.multi_model import MultiModelEndpoint


def test_one_process_serves_every_model_by_the_name_of_its_archive(multi_model: MultiModelEndpoint) -> None:
    multi_model.start()

    answers = [multi_model.invoke(name) for name in ("a", "b", "a")]

    assert [answer["version"] for answer in answers] == ["a", "b", "a"]
    assert len({answer["pid"] for answer in answers}) == 1
    assert [answer["loaded"] for answer in answers] == [["a"], ["a", "b"], ["a", "b"]]


def test_the_container_gets_the_multi_model_variable_and_the_target_model(
    multi_model: MultiModelEndpoint,
) -> None:
    multi_model.start()

    answer = multi_model.invoke("b")

    assert answer["environment"]["SAGEMAKER_MULTI_MODEL"] == "true"
    assert answer["headers"]["x-amzn-sagemaker-target-model"] == "b.tar.gz"
    assert answer["headers"]["x-amzn-sagemaker-custom-attributes"] == "a=b"


def test_a_model_uploaded_after_the_start_is_served(multi_model: MultiModelEndpoint) -> None:
    multi_model.start()
    multi_model.add("later")

    assert multi_model.invoke("later")["version"] == "later"


def test_without_free_memory_the_least_recently_used_model_is_unloaded(
    multi_model: MultiModelEndpoint,
) -> None:
    multi_model.add("c")
    multi_model.start(capacity=2)
    for name in ("a", "b", "a"):
        multi_model.invoke(name)

    assert multi_model.invoke("c")["loaded"] == ["a", "c"]
    assert multi_model.invoke("b")["loaded"] == ["b", "c"]


def test_a_model_too_large_for_an_empty_cache_is_a_model_error(multi_model: MultiModelEndpoint) -> None:
    multi_model.start(capacity=0)

    error = multi_model.invoke_with_error("a")

    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 507)


def test_a_request_without_a_target_model_is_a_validation_error(multi_model: MultiModelEndpoint) -> None:
    multi_model.start()

    error = multi_model.invoke_with_error(None)

    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (400, "ValidationError")
    assert error["Error"]["Message"].endswith(" is missing a target model header.")


def test_a_target_model_for_a_single_model_endpoint_is_a_validation_error(
    multi_model: MultiModelEndpoint, endpoint: str
) -> None:
    assert endpoint == multi_model.name

    error = multi_model.invoke_with_error("a")

    assert error["Error"]["Code"] == "ValidationError"
    assert error["Error"]["Message"] == (
        f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header."
    )


@pytest.mark.parametrize(
    ("target", "content"),
    [("nothing", None), ("../set/a", None), ("broken", b"no archive")],
    ids=["missing", "other folder", "no archive"],
)
def test_an_unreadable_archive_is_a_validation_error_until_it_is_replaced(
    multi_model: MultiModelEndpoint, target: str, content: bytes | None
) -> None:
    multi_model.start()
    if content:
        multi_model.upload(f"set/{target}.tar.gz", content=content)

    error = multi_model.invoke_with_error(target)

    assert error["Error"]["Code"] == "ValidationError"
    assert f"s3://{multi_model.name}/set/{target}.tar.gz" in error["Error"]["Message"]
    assert multi_model.invoke("a")["loaded"] == ["a"]
    multi_model.add(target)
    assert multi_model.invoke(target)["version"] == target


def test_a_failed_load_is_a_model_error_and_does_not_affect_other_models(
    multi_model: MultiModelEndpoint,
) -> None:
    multi_model.add("bad", load=500)
    multi_model.start()

    error = multi_model.invoke_with_error("bad")

    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 500)
    assert json.loads(error["OriginalMessage"]) == {"of": "loading"}
    assert multi_model.invoke("a")["loaded"] == ["a"]


def test_an_error_of_one_model_is_a_model_error_and_does_not_affect_other_models(
    multi_model: MultiModelEndpoint,
) -> None:
    multi_model.start()

    assert multi_model.invoke_with_error("a", status=422)["OriginalStatusCode"] == 422
    assert multi_model.invoke("b")["version"] == "b"


def test_concurrent_first_requests_are_all_answered(
    multi_model: MultiModelEndpoint,
) -> None:
    multi_model.start()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(multi_model.invoke, ["a", "b"] * 8))

    assert [answer["version"] for answer in answers] == ["a", "b"] * 8


def test_a_slow_load_does_not_block_other_models(multi_model: MultiModelEndpoint, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    multi_model.add("slow", loads_after=str(gate))
    multi_model.start()
    multi_model.invoke("a")

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(multi_model.invoke, "slow")
        until(gate.with_suffix(".reached").exists)
        assert multi_model.invoke("a")["version"] == "a"
        gate.unlink()

        assert waiting.result()["version"] == "slow"


def test_a_restarted_process_loads_its_models_again(multi_model: MultiModelEndpoint) -> None:
    multi_model.start()
    first = multi_model.invoke("a")["pid"]
    multi_model.invoke("b")

    os.kill(first, signal.SIGKILL)
    until(lambda: is_available(multi_model, "b"))

    assert multi_model.invoke("b")["pid"] != first
    assert multi_model.invoke("a")["loaded"] == ["a", "b"]


def is_available(multi_model: MultiModelEndpoint, name: str) -> bool:
    with suppress(ClientError):
        return bool(multi_model.invoke(name))
    return False
