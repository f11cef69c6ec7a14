"""Every model, run by the command that the documentation gives for it and asked as its users ask."""

import http.client
import json
import re
import shutil
from contextlib import closing
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.deployments.deployment import Deployment
from tests.customer import CUSTOMER
from tests.e2e.readme import combinations
from tests.e2e.support.account import Account, Answer, call
from tests.trained_flights import train_flights_once
from training.__main__ import main as train

FLIGHT = ["B6", "2013-12-20", "JFK", "SFO", "17:45"]
# A request of each model's users, and the label of its prediction, if the model has labels.
REQUESTS: dict[str, tuple[Any, str | None]] = {
    "churn": (CUSTOMER, "False"),
    "flight_delay": ({"values": [FLIGHT]}, "delay"),
    "iris": ({"values": [[5.9, 3.0, 5.1, 2.3]]}, "virginica"),
    "line": ({"x": 3.5}, None),
    "reviews": ({"movie_text": "I hate this movie"}, "Negative Review"),
}


@cache
def run(newcomer: Account, models: tuple[str, ...], hosting: str) -> str:
    """The output of `make run` for a combination of models and hosting; each runs once."""
    words = [f"MODEL={','.join(models)}", *([] if hosting == "realtime" else [f"HOSTING={hosting}"])]
    return newcomer.run("make", "run", *words).stdout


@pytest.fixture(scope="module", autouse=True)
def trained(newcomer: Account, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Puts the bundles into the checkout.

    test_newcomer.py and test_add_a_model.py have `make run` train. This process has imported the libraries of
    training already, which takes a process of its own most of its time.
    """
    build = newcomer.root / "build"
    for model in REQUESTS.keys() - {"flight_delay"}:
        assert train([model, "--no-report", "--out", str(build / model)]) == 0
    (build / "flight_delay").mkdir()
    shutil.copy(train_flights_once(tmp_path_factory, worker_id), build / "flight_delay")


def service(newcomer: Account, *models: str) -> Deployment:
    """The deployed stack of these models, in the hosting that the documentation names."""
    run(newcomer, models, dict(combinations())[models])
    return newcomer.find(",".join(models))


def ask(found: Deployment, body: Any, *, model: str = "") -> Answer:
    """Sends a request to the stack's only model, or to one of several over its own route."""
    url = f"{found.api_url}/{model}/predict" if model else found.url
    return call("POST", url, body=body, key=found.api_key)


def post(newcomer: Account, path: str, body: bytes, **headers: str) -> bytes:
    """Sends any request to AWS on this machine and returns the body of the response."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", newcomer.port, timeout=60)) as connection:
        connection.request("POST", path, body, named)
        return connection.getresponse().read()


def test_the_documentation_names_every_model_and_every_hosting() -> None:
    found = dict(combinations())

    assert {model for models in found for model in models} == {*REQUESTS}
    assert {*found.values()} == {"realtime", "serverless", "lambda"}
    assert sorted(REQUESTS) in map(sorted, found)


@pytest.mark.parametrize("models", dict(combinations()), ids=",".join)
def test_a_combination_of_the_documentation_runs_and_each_model_predicts(
    newcomer: Account, models: tuple[str, ...]
) -> None:
    found = service(newcomer, *models)
    first = json.loads(
        re.findall(r"^{.*}$", run(newcomer, models, dict(combinations())[models]), re.MULTILINE)[0]
    )

    assert first["model"]["name"] == models[0]
    for model in models:
        body, label = REQUESTS[model]
        answer = ask(found, body, model=model if len(models) > 1 else "")
        assert (answer.status, answer.body["model"]["name"]) == (200, model)
        [prediction] = answer.body["predictions"]
        assert prediction.get("label") == label
        assert ("value" in prediction) == (label is None)


def test_a_model_function_can_be_invoked_directly(newcomer: Account) -> None:
    name = service(newcomer, "iris").outputs["EndpointName"]
    event = json.dumps(REQUESTS["iris"][0]).encode()

    response = newcomer.aws.client("lambda").invoke(FunctionName=name, Payload=event)
    answer = json.loads(response["Payload"].read())

    assert answer["predictions"][0]["label"] == "virginica"


def test_a_number_as_text_that_is_no_number_is_refused_by_the_rule_of_its_field(newcomer: Account) -> None:
    refused = ask(service(newcomer, "churn"), CUSTOMER | {"Day Mins": " 8.1", "Int'l Plan": "No"})

    assert (refused.status, refused.type) == (422, "application/problem+json")
    rules = {error["field"]: error["rule"] for error in refused.body["errors"]}
    assert rules == {
        "Int'l Plan": "must be one of no, yes",
        "Day Mins": 'must be a number of at least 0 minutes, or that number as text such as "161.6"',
    }


def test_the_postman_collection_of_a_model_with_odd_names_passes(newcomer: Account) -> None:
    service(newcomer, "churn")

    done = newcomer.local("postman", "--model", "churn", check=False)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(
    "body", [{}, {"movie_text": ""}, {"movie_text": " \n"}, {"movie_text": "x" * 20_001}]
)
def test_a_review_without_words_is_refused_by_the_rule_of_its_field(newcomer: Account, body: Any) -> None:
    refused = ask(service(newcomer, "reviews"), body)

    assert refused.status == 422
    assert "1 to 20000 characters" in refused.body["errors"][0]["rule"]


def test_a_csv_request_gets_a_csv_answer(newcomer: Account) -> None:
    found = service(newcomer, "line")
    headers = {"content_type": "text/csv", "accept": "text/csv", "x_api_key": found.api_key}

    names, numbers = post(newcomer, urlsplit(found.url).path, b"3.5", **headers).decode().split()

    assert names == "value,low,high"
    value, low, high = map(float, numbers.split(","))
    assert 18 < value < 19.5
    assert low < value < high
