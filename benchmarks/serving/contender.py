"""Table of the measured servers; each has a module in benchmarks/contenders."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load.requests import CSV, CSV_BATCH, JSON, JSON_BATCH, PLAIN, ROW, V2, Protocol, Request, Rows

ENVIRONMENTS = Path(".venv-bench")


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One server.

    Attributes:
        name: Name on the command line and of its virtual environment.
        title: Display name.
        paths: Path by kind of request.
        rival: Whether it is another project's server, with a virtual environment of its own.
        module: Module in benchmarks/contenders (default: its name).
        protocol: Format of requests and responses.
        packages: Debian package by the program that it needs.
        predicts: Whether its predictions are compared with this project's; a no-op has none.
    """

    name: str
    title: str
    paths: Mapping[str, str]
    rival: bool = True
    module: str = ""
    protocol: Protocol = PLAIN
    packages: Mapping[str, str] = field(default_factory=dict)
    predicts: bool = True

    @property
    def python(self) -> str:
        """Python interpreter of the server."""
        return str(ENVIRONMENTS / self.name / "bin" / "python") if self.rival else sys.executable

    def unavailable_reason(self) -> str | None:
        """Returns the reason why the server cannot run, as a sentence; None if it can."""
        environment = ENVIRONMENTS / self.name
        if self.rival and not (environment / ".installed").exists():
            return f"its packages are not in {environment}; `make bench` installs them if there is a network."
        missing = [package for program, package in self.packages.items() if not shutil.which(program)]
        return f"it needs the package {' and '.join(missing)}." if missing else None

    def request(self, kind: str, rows: Rows, fields: Sequence[str]) -> Request:
        """Returns a request of this kind with these rows."""
        content_type = CSV if kind == CSV_BATCH else JSON
        body = self.protocol.encode(kind, rows, fields)
        return Request(path=self.paths[kind], content_type=content_type, body=body)


_EVERYTHING = dict.fromkeys((ROW, JSON_BATCH, CSV_BATCH), "/invocations")
_JSON_ONLY = dict.fromkeys((ROW, JSON_BATCH), "/invocations")
_TWO_ROUTES = {ROW: "/row", JSON_BATCH: "/batch"}
_INFER = dict.fromkeys((ROW, JSON_BATCH), "/v2/models/model/infer")

OURS, NO_OP, LOOP, FASTAPI, FLASK = "ours", "noop", "loop", "fastapi", "flask"
RIVALS = ("litserve", "bentoml", "mlserver")

CONTENDERS = (
    Contender(name=OURS, title="this project", paths=_EVERYTHING, rival=False),
    Contender(
        name="ping",
        title="this project, a constant from the front",
        paths={ROW: "/ping"},
        rival=False,
        module=OURS,
        predicts=False,
    ),
    Contender(
        name=NO_OP,
        title="this project, a constant from the worker",
        paths={ROW: "/invocations"},
        rival=False,
        predicts=False,
    ),
    Contender(name=FASTAPI, title="FastAPI, uvicorn, the same ONNX", paths=_TWO_ROUTES),
    Contender(name="mlserver", title="MLServer, the same ONNX", paths=_INFER, protocol=V2),
    Contender(name="litserve", title="LitServe, the same ONNX", paths=_JSON_ONLY),
    Contender(name="bentoml", title="BentoML, the same ONNX", paths=_TWO_ROUTES),
    Contender(
        name=FLASK,
        title="Flask, gunicorn, nginx, scikit-learn",
        paths=_EVERYTHING,
        packages={"nginx": "nginx-light"},
    ),
)


def find(name: str) -> Contender:
    """Returns the contender with this name."""
    return next(contender for contender in CONTENDERS if contender.name == name)


def title(name: str) -> str:
    """Returns the title of the contender with this name."""
    return "decode, predict, encode in a loop, no server" if name == LOOP else find(name).title
