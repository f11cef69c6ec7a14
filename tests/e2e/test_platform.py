"""Every model by the command that the README gives for it, and asked the way its users ask."""

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.aws import LocalAws
from local.deployment import Deployment, find
from tests.e2e.account import Account, Answer, call
from tests.e2e.checkout import copy_checkout
from tests.e2e.readme import combinations

CUSTOMER = json.loads("""{
    "State": "PA", "Account Length": "163", "Area Code": "806", "Phone": "403-2562", "Int'l Plan": "no",
    "VMail Plan": "yes", "VMail Message": "300", "Day Mins": "8.162204", "Day Calls": "3",
    "Day Charge": "7.579174", "Eve Mins": "3.933035", "Eve Calls": "4", "Eve Charge": "6.508639",
    "Night Mins": "4.065759", "Night Calls": "100", "Night Charge": "5.111624", "Intl Mins": "4.92816",
    "Intl Calls": "6", "Intl Charge": "5.673203", "CustServ Calls": "3"
}""")
FLIGHT = ["B6", "2013-12-20", "JFK", "SFO", "17:45"]
# What each model's users send, and the label they get, where there is one.
REQUESTS: dict[str, tuple[Any, str | None]] = {
    "churn": (CUSTOMER, "False"),
    "flight_delay": ({"values": [FLIGHT]}, "delay"),
    "iris": ({"values": [[5.9, 3.0, 5.1, 2.3]]}, "virginica"),
    "line": ({"x": 3.5}, None),
    "reviews": ({"movie_text": "I hate this movie"}, "Negative Review"),
}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    account = Account(root=checkout, state=tmp_path_factory.mktemp("aws"))
    yield account
    account.run("make", "stop")


@cache
def run(account: Account, models: tuple[str, ...], hosting: str) -> str:
    """What `make run` prints for a combination, which is run once."""
    words = [f"MODEL={','.join(models)}", *([] if hosting == "realtime" else [f"HOSTING={hosting}"])]
    return account.run("make", "run", *words).stdout


def service(account: Account, *models: str) -> Deployment:
    """The stack of these models, by the hosting that the README has for them."""
    run(account, models, dict(combinations())[models])
    return find(LocalAws(port=account.port, state=account.state), model=",".join(models))


def ask(found: Deployment, body: Any, *, model: str = "") -> Answer:
    """Asks the one model of a stack, or one of its several over its own route."""
    url = f"{found.api_url}/{model}/predict" if model else found.url
    return call("POST", url, body=body, key=found.api_key)


def post(account: Account, path: str, body: bytes, **headers: str) -> bytes:
    """What the local AWS answers to a request that is no JSON, or not the API's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", account.port, timeout=60)) as connection:
        connection.request("POST", path, body, named)
        return connection.getresponse().read()


def test_the_readme_has_every_model_and_every_hosting() -> None:
    found = dict(combinations())

    assert {model for models in found for model in models} == {*REQUESTS}
    assert {*found.values()} == {"realtime", "serverless", "lambda"}
    assert sorted(REQUESTS) in map(sorted, found)


@pytest.mark.parametrize("models", dict(combinations()), ids=",".join)
def test_a_combination_of_the_readme_runs_and_each_model_answers_as_its_users_know_it(
    account: Account, models: tuple[str, ...]
) -> None:
    found = service(account, *models)
    first = json.loads(
        re.findall(r"^{.*}$", run(account, models, dict(combinations())[models]), re.MULTILINE)[0]
    )

    assert first["model"]["name"] == models[0]
    for model in models:
        body, label = REQUESTS[model]
        answer = ask(found, body, model=model if len(models) > 1 else "")
        assert (answer.status, answer.body["model"]["name"]) == (200, model)
        [prediction] = answer.body["predictions"]
        assert prediction.get("label") == label
        assert ("value" in prediction) == (label is None)


def test_a_function_is_invoked_at_its_own_address_too(account: Account) -> None:
    name = service(account, "iris").outputs["EndpointName"]
    event = json.dumps(REQUESTS["iris"][0]).encode()

    answer = json.loads(post(account, f"/2015-03-31/functions/{name}/invocations", event))

    assert answer["predictions"][0]["label"] == "virginica"


def test_numbers_as_text_are_refused_by_the_sentence_of_their_field(account: Account) -> None:
    refused = ask(service(account, "churn"), CUSTOMER | {"Day Mins": " 8.1", "Int'l Plan": "No"})

    assert (refused.status, refused.type) == (422, "application/problem+json")
    rules = {error["field"]: error["rule"] for error in refused.body["errors"]}
    assert rules == {
        "Int'l Plan": "must be one of no, yes",
        "Day Mins": 'must be a number of at least 0 minutes, or that number as text such as "161.6"',
    }


def test_the_postman_collection_of_a_model_with_odd_names_passes(account: Account) -> None:
    service(account, "churn")

    done = account.local("postman", "--model", "churn", check=False)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(
    "body", [{}, {"movie_text": ""}, {"movie_text": " \n"}, {"movie_text": "x" * 20_001}]
)
def test_a_review_without_words_is_refused_with_a_sentence(account: Account, body: Any) -> None:
    refused = ask(service(account, "reviews"), body)

    assert refused.status == 422
    assert "1 to 20000 characters" in refused.body["errors"][0]["rule"]


def test_csv_goes_in_and_comes_out(account: Account) -> None:
    found = service(account, "line")
    headers = {"content_type": "text/csv", "accept": "text/csv", "x_api_key": found.api_key}

    name, value = post(account, urlsplit(found.url).path, b"3.5", **headers).decode().split()

    assert name == "value"
    assert 18 < float(value) < 19.5
