"""The README's first commands, in a checkout that holds only what is committed."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from local.aws import LocalAws
from local.deployment import find
from tests.e2e.account import Account
from tests.e2e.checkout import copy_checkout
from tests.e2e.readme import Example, examples


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    clone = copy_checkout(tmp_path_factory.mktemp("clone"))
    account = Account(root=clone, state=tmp_path_factory.mktemp("aws"))
    yield account
    account.run("make", "stop")


def test_make_run_trains_deploys_and_predicts(account: Account) -> None:
    done = account.run("make", "run")

    assert (account.root / "build" / "flight_delay" / "model.tar.gz").exists()
    answer = json.loads(re.findall(r"^\{.*\}$", done.stdout, re.MULTILINE)[-1])
    assert set(answer["predictions"][0]) == {"label", "probability"}
    assert answer["model"]["name"] == "flight_delay"


@pytest.mark.skipif(shutil.which("curl") is None, reason="There is no curl on this machine.")
def test_the_curl_line_that_run_prints_works(account: Account) -> None:
    done = account.run("make", "run")
    [line] = re.findall(r"(curl .*)$", done.stdout, re.MULTILINE)

    answer = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True, timeout=60)

    assert json.loads(answer.stdout)["model"]["name"] == "flight_delay"


def test_make_predict_prints_the_answer_alone(account: Account) -> None:
    row = {
        "carrier": "B6",
        "flight_date": "2013-12-24",
        "origin": "JFK",
        "destination": "BOS",
        "scheduled_departure": "17:45",
    }

    by_default = json.loads(account.run("make", "--silent", "predict").stdout)
    by_row = json.loads(account.run("make", "--silent", "predict", f"ROW={json.dumps(row)}").stdout)

    for answer in (by_default, by_row):
        assert answer["predictions"][0]["label"] in {"delay", "on_time"}
        assert 0 <= answer["predictions"][0]["probability"] <= 1


@pytest.mark.skipif(shutil.which("curl") is None, reason="There is no curl on this machine.")
@pytest.mark.parametrize("example", examples(), ids=lambda example: example.command.split("-d")[0][:60])
def test_a_request_of_the_readme_gets_the_answer_it_says(account: Account, example: Example) -> None:
    account.run("make", "run")
    service = find(LocalAws(port=account.port, state=account.state))

    printed = example.run(url=service.url.removesuffix("/predict"), key=service.api_key)

    assert example.agrees(printed), printed


def test_another_model_runs_with_the_same_command(account: Account) -> None:
    account.run("make", "run", "MODEL=iris")

    answer = json.loads(account.run("make", "--silent", "predict").stdout)
    assert answer["model"]["name"] == "iris"


def test_make_stop_ends_it_and_predict_then_says_what_to_do(account: Account) -> None:
    account.run("make", "stop")
    account.run("make", "stop")

    done = account.run("make", "--silent", "predict", check=False)

    assert done.returncode != 0
    assert "make run" in done.stderr
    assert "Traceback" not in done.stderr
