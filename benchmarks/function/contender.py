"""Who is measured, and how each is started, asked and understood."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Answer = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One function.

    Attributes:
        name: In results.
        title: What it is, for people.
        environment: Folder of its virtual environment.
        handler: Its handler, which is run with a clock around it.
        event: An event, from the JSON of a row.
        prediction: What an answer says of the row; None of a function that predicts nothing.
    """

    name: str
    title: str
    environment: str
    handler: str
    event: Callable[[str], Answer]
    prediction: Callable[[Answer], Any]

    @property
    def command(self) -> list[str]:
        """Starts it."""
        python = ROOT / self.environment / "bin" / "python"
        return [str(python), "-m", "awslambdaric", "benchmarks.function.timed.handler"]

    @property
    def is_installed(self) -> bool:
        """Whether its packages are there."""
        return (ROOT / self.environment / ".installed").exists()


def _of_the_invoker(row: str) -> Answer:
    return {
        "body": base64.b64encode(row.encode()).decode(),
        "content_type": "application/json",
        "accept": "application/json",
        "query": "",
    }


def _of_api_gateway(row: str) -> Answer:
    return {"httpMethod": "POST", "path": "/predict", "isBase64Encoded": False, "body": row}


def _predicted_by_ours(answer: Answer) -> Any:
    return json.loads(base64.b64decode(answer["body"]))["predictions"][0]


def _predicted_by_the_classic(answer: Answer) -> Any:
    return json.loads(answer["body"])["predictions"][0]


OURS = Contender(
    name="ours",
    title="this project",
    environment=".venv-serving",
    handler="serving.lambda_handler.handler",
    event=_of_the_invoker,
    prediction=_predicted_by_ours,
)
CLASSIC = Contender(
    name="classic",
    title="scikit-learn, pandas, pickle",
    environment=".venv-bench/function",
    handler="benchmarks.function.classic.handler",
    event=_of_api_gateway,
    prediction=_predicted_by_the_classic,
)
NOTHING = Contender(
    name="nothing",
    title="a handler that does nothing",
    environment=".venv-serving",
    handler="benchmarks.function.nothing.handler",
    event=_of_api_gateway,
    prediction=lambda _: None,
)
CONTENDERS = (OURS, CLASSIC, NOTHING)
