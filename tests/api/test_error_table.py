"""The API's table of errors, compared with the programs that return them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from api.error_table import ERRORS, EXPOSED_HEADERS
from lambda_src.invoker.endpoint_client import VERSION_ATTRIBUTE
from lambda_src.invoker.problem import CAUSES
from lambda_src.invoker.proxy_event import _EXPOSED_HEADERS as EXPOSED_BY_INVOKER
from serving.problem import Problem
from stacks.api.gateway_problems import GATEWAY_PROBLEMS

ROOT = Path(__file__).parents[2]
BY_STATUS = {error.status: error for error in ERRORS}
# Statuses that only SageMaker receives: of the multi-model API, and of malformed or slow requests.
INSIDE = {408, 409, 431, 501, 507}
# API Gateway's UNAUTHORIZED is for authorizers, and this API has none.
NEVER = {401}


def statuses_of_the_container() -> Iterator[int]:
    """The statuses of the problems in serving's code."""
    for path in (ROOT / "serving").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status = node.args[0]
                assert isinstance(status, ast.Constant), f"{path}: {ast.unparse(node)}"
                assert isinstance(status.value, int)
                if status.value not in INSIDE:
                    yield status.value


def statuses_of_the_gateway() -> set[int]:
    return {int(problem.status) for problem in GATEWAY_PROBLEMS.values()}


def test_every_status_of_the_container_is_in_the_table() -> None:
    found = set(statuses_of_the_container())

    assert {400, 406, 413, 415, 422, 503} <= found
    assert found - BY_STATUS.keys() == set()


def test_every_status_of_the_invoker_is_in_the_table() -> None:
    assert {cause.status for cause in CAUSES.values()} - BY_STATUS.keys() == set()


def test_every_status_of_api_gateway_is_in_the_table() -> None:
    assert statuses_of_the_gateway() - BY_STATUS.keys() == NEVER


def test_every_status_of_the_table_is_returned_by_a_program() -> None:
    invoker = {cause.status for cause in CAUSES.values()}

    found = set(statuses_of_the_container()) | invoker | statuses_of_the_gateway()

    assert BY_STATUS.keys() - found == set()


def test_titles_are_those_of_the_problem_documents() -> None:
    for cause in CAUSES.values():
        assert BY_STATUS[cause.status].title == cause.title
    for status in set(statuses_of_the_container()):
        assert f'"title":"{BY_STATUS[status].title}"' in Problem(status, "").encode().decode()


def test_the_delay_before_a_retry_is_that_of_the_invoker_and_of_throttling_by_api_gateway() -> None:
    by_invoker = {(cause.status, cause.retry_after) for cause in CAUSES.values() if cause.retry_after}
    delays = {(error.status, error.retry_after) for error in ERRORS if error.retry_after}

    assert delays == by_invoker
    assert (429, GATEWAY_PROBLEMS["Throttled"].retry_after) in delays
    assert {int(problem.status) for problem in GATEWAY_PROBLEMS.values() if problem.retry_after} <= {
        status for status, _ in delays
    }


def test_a_paused_service_has_the_same_sentence_in_the_table_and_in_the_invoker() -> None:
    [paused] = [error for error in ERRORS if "paused" in error.when]

    assert (paused.status, paused.detail, paused.retry_after) == (
        CAUSES["paused"].status,
        CAUSES["paused"].detail,
        CAUSES["paused"].retry_after,
    )


def test_the_exposed_headers_of_the_invoker_and_of_api_gateway_are_the_same() -> None:
    assert EXPOSED_BY_INVOKER.split(", ") == [*EXPOSED_HEADERS]


def test_the_container_names_its_version_in_the_attribute_that_the_invoker_reads() -> None:
    source = (ROOT / "serving" / "workers" / "batch.py").read_text()

    assert f"%b: {VERSION_ATTRIBUTE}%b" in source
