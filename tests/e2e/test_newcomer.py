"""The README's first commands, in a checkout that has only the committed files."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.e2e.readme import Example, examples
from tests.e2e.support.account import Account
from tests.trained_flights import shared_flights

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(scope="module")
def run(
    newcomer: Account, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> subprocess.CompletedProcess[str]:
    """The first `make run`; tests of other files use the bundle that it trains."""
    with shared_flights(tmp_path_factory, worker_id) as archive:
        done = replace(newcomer, is_validated=True).run("make", "run")
        if not archive.exists():
            shutil.copy(newcomer.root / "build" / "flight_delay" / "model.tar.gz", archive)
    return done


@pytest.fixture(scope="module")
def printed(newcomer: Account, run: subprocess.CompletedProcess[str]) -> Iterator[str]:
    """The standard output of the command; after all tests, in any order, `make stop` says what is gone."""
    yield run.stdout
    stopped = newcomer.run("make", "stop").stdout
    assert "all that was deployed to it is deleted: FlightDelay." in stopped
    assert "Bundles in build/<model>/ stay" in stopped


def test_make_run_trains_deploys_and_predicts(newcomer: Account, printed: str) -> None:
    assert (newcomer.root / "build" / "flight_delay" / "model.tar.gz").exists()
    answer = json.loads(re.findall(r"^\{.*\}$", printed, re.MULTILINE)[-1])
    assert set(answer["predictions"][0]) >= {"label", "probability"}
    assert answer["model"]["name"] == "flight_delay"


def test_make_run_shows_little_and_only_addresses_of_this_machine(
    newcomer: Account, run: subprocess.CompletedProcess[str]
) -> None:
    shown = run.stdout + run.stderr

    assert "amazonaws.com" not in shown
    assert "CREATE_COMPLETE" not in shown
    assert f"GET   http://127.0.0.1:{newcomer.port}/" in shown
    assert shown.count("\n") <= 60
    logged = (newcomer.state / "cdk.log").read_text(encoding="utf-8")
    assert "CREATE_COMPLETE" in logged
    assert "amazonaws.com" in logged


@pytest.mark.usefixtures("printed")
def test_make_predict_passes_the_users_text_on_as_it_is(newcomer: Account) -> None:
    row = '{"carrier": "$5DL", "origin": "$(shell touch expanded)"}'

    refused = newcomer.run("make", "--silent", "predict", f"ROW={row}", check=False)
    other = newcomer.run("make", "--silent", "predict", "MODEL=reviews", check=False)

    assert refused.returncode != 0
    assert "422" in refused.stderr
    assert not (newcomer.root / "expanded").exists()
    assert "No model reviews is deployed on this machine: run `make run MODEL=reviews` first." in other.stderr


@needs_curl
def test_the_curl_command_that_make_run_prints_works(printed: str) -> None:
    [line] = re.findall(r"(curl .*)$", printed, re.MULTILINE)

    answer = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True, timeout=60)

    assert json.loads(answer.stdout)["model"]["name"] == "flight_delay"


@pytest.mark.usefixtures("printed")
def test_make_predict_prints_only_the_answer(newcomer: Account) -> None:
    row = {
        "carrier": "B6",
        "flight_date": "2013-12-24",
        "origin": "JFK",
        "destination": "BOS",
        "scheduled_departure": "17:45",
    }

    by_default = json.loads(newcomer.run("make", "--silent", "predict").stdout)
    by_row = json.loads(newcomer.run("make", "--silent", "predict", f"ROW={json.dumps(row)}").stdout)

    for answer in (by_default, by_row):
        assert answer["predictions"][0]["label"] in {"delay", "on_time"}
        assert 0 <= answer["predictions"][0]["probability"] <= 1


@needs_curl
@pytest.mark.usefixtures("printed")
@pytest.mark.parametrize("example", examples(), ids=lambda example: example.command.split("-d")[0][:60])
def test_a_request_of_the_documentation_gets_the_answer_shown_there(
    newcomer: Account, example: Example
) -> None:
    service = newcomer.find("flight_delay")

    printed = example.run(url=service.url.removesuffix("/predict"), key=service.api_key)

    assert example.agrees(printed), printed
