"""Table of the functions, each with its command, events and predictions."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Message = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One function.

    Attributes:
        name: Name in the results.
        title: Display name.
        environment: Folder of its virtual environment.
        handler: Name of its handler, which benchmarks.function.handler_timer measures.
        event: Returns the event for a row in JSON.
        prediction: Returns the prediction in a response; None for a function without a model.
    """

    name: str
    title: str
    environment: str
    handler: str
    event: Callable[[str], Message]
    prediction: Callable[[Message], Any]

    @property
    def command(self) -> list[str]:
        """Command that starts the function."""
        python = ROOT / self.environment / "bin" / "python"
        return [str(python), "-m", "awslambdaric", "benchmarks.function.handler_timer.handler"]

    @property
    def is_installed(self) -> bool:
        """Whether its packages are installed."""
        return (ROOT / self.environment / ".installed").exists()


def _invoker_event(row: str) -> Message:
    return {
        "body": base64.b64encode(row.encode()).decode(),
        "content_type": "application/json",
        "accept": "application/json",
        "query": "",
    }


def _api_gateway_event(row: str) -> Message:
    return {"httpMethod": "POST", "path": "/predict", "isBase64Encoded": False, "body": row}


def _our_prediction(response: Message) -> Any:
    return json.loads(base64.b64decode(response["body"]))["predictions"][0]


def _classic_prediction(response: Message) -> Any:
    return json.loads(response["body"])["predictions"][0]


OURS = Contender(
    name="ours",
    title="this project",
    environment=".venv-serving",
    handler="serving.lambda_handler.handler",
    event=_invoker_event,
    prediction=_our_prediction,
)
CLASSIC = Contender(
    name="classic",
    title="scikit-learn, pandas, pickle",
    environment=".venv-bench/function",
    handler="benchmarks.function.scikit_learn_pickle.handler",
    event=_api_gateway_event,
    prediction=_classic_prediction,
)
NOTHING = Contender(
    name="nothing",
    title="a handler that does nothing",
    environment=".venv-serving",
    handler="benchmarks.function.empty_function.handler",
    event=_api_gateway_event,
    prediction=lambda _: None,
)
CONTENDERS = (OURS, CLASSIC, NOTHING)
