"""Several models behind one endpoint, as boto3 sees them."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.local.polling import until
from tests.local.sagemaker.hosting.multi_model import Several


def test_each_model_answers_by_the_name_of_its_archive_in_one_process(several: Several) -> None:
    several.start()

    answers = [several.invoke(name) for name in ("a", "b", "a")]

    assert [answer["version"] for answer in answers] == ["a", "b", "a"]
    assert len({answer["pid"] for answer in answers}) == 1
    assert [answer["loaded"] for answer in answers] == [["a"], ["a", "b"], ["a", "b"]]


def test_the_container_learns_of_the_several_models_and_of_the_one_that_is_meant(several: Several) -> None:
    several.start()

    answer = several.invoke("b")

    assert answer["environment"]["SAGEMAKER_MULTI_MODEL"] == "true"
    assert answer["headers"]["x-amzn-sagemaker-target-model"] == "b.tar.gz"
    assert answer["headers"]["x-amzn-sagemaker-custom-attributes"] == "a=b"


def test_a_model_that_is_put_there_later_is_found(several: Several) -> None:
    several.start()
    several.add("later")

    assert several.invoke("later")["version"] == "later"


def test_without_room_the_model_that_was_not_asked_for_the_longest_time_makes_it(several: Several) -> None:
    several.add("c")
    several.start(room=2)
    for name in ("a", "b", "a"):
        several.invoke(name)

    assert several.invoke("c")["loaded"] == ["a", "c"]
    assert several.invoke("b")["loaded"] == ["b", "c"]


def test_a_model_for_which_there_is_no_room_at_all_is_a_model_error(several: Several) -> None:
    several.start(room=0)

    error = several.refuse("a")

    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 507)


def test_a_request_without_a_model_is_a_validation_error(several: Several) -> None:
    several.start()

    error = several.refuse(None)

    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (400, "ValidationError")
    assert error["Error"]["Message"].endswith(" is missing a target model header.")


def test_a_model_for_an_endpoint_of_one_is_a_validation_error(several: Several, endpoint: str) -> None:
    assert endpoint == several.name

    error = several.refuse("a")

    assert error["Error"]["Code"] == "ValidationError"
    assert error["Error"]["Message"] == (
        f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header."
    )


@pytest.mark.parametrize(
    ("target", "content"),
    [("nothing", None), ("../set/a", None), ("broken", b"no archive")],
    ids=["not there", "elsewhere", "no archive"],
)
def test_an_archive_that_cannot_be_had_is_a_validation_error_until_it_can(
    several: Several, target: str, content: bytes | None
) -> None:
    several.start()
    if content:
        several.upload(f"set/{target}.tar.gz", content=content)

    error = several.refuse(target)

    assert error["Error"]["Code"] == "ValidationError"
    assert f"s3://{several.name}/set/{target}.tar.gz" in error["Error"]["Message"]
    assert several.invoke("a")["loaded"] == ["a"]
    several.add(target)
    assert several.invoke(target)["version"] == target


def test_a_model_that_cannot_be_loaded_is_a_model_error_and_leaves_the_other(several: Several) -> None:
    several.add("bad", load=500)
    several.start()

    error = several.refuse("bad")

    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 500)
    assert json.loads(error["OriginalMessage"]) == {"of": "loading"}
    assert several.invoke("a")["loaded"] == ["a"]


def test_what_one_model_refuses_is_a_model_error_and_leaves_the_other(several: Several) -> None:
    several.start()

    assert several.refuse("a", status=422)["OriginalStatusCode"] == 422
    assert several.invoke("b")["version"] == "b"


def test_models_that_are_asked_for_the_first_time_by_many_at_once_answer_all_of_them(
    several: Several,
) -> None:
    several.start()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(several.invoke, ["a", "b"] * 8))

    assert [answer["version"] for answer in answers] == ["a", "b"] * 8


def test_a_model_that_loads_for_long_is_not_in_the_others_way(several: Several, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    several.add("slow", loads_after=str(gate))
    several.start()
    several.invoke("a")

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(several.invoke, "slow")
        until(gate.with_suffix(".reached").exists)
        assert several.invoke("a")["version"] == "a"
        gate.unlink()

        assert waiting.result()["version"] == "slow"


def test_a_process_that_was_started_again_gets_its_models_again(several: Several) -> None:
    several.start()
    first = several.invoke("a")["pid"]
    several.invoke("b")

    os.kill(first, signal.SIGKILL)
    until(lambda: answers_again(several, "b"))

    assert several.invoke("b")["pid"] != first
    assert several.invoke("a")["loaded"] == ["a", "b"]


def answers_again(several: Several, name: str) -> bool:
    with suppress(ClientError):
        return bool(several.invoke(name))
    return False
