"""Flask on gunicorn behind nginx, with the scikit-learn pipeline, pandas and joblib."""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from flask import Flask, jsonify, request

from benchmarks.contenders.prediction import prediction
from bundle import Field, read_directory
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame

_KINDS = {"date": "datetime64[D]"}
_NGINX = """
{user}
daemon off;
worker_processes 1;
pid {run}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_max_body_size 8m;
  client_body_buffer_size 1m;
  client_body_temp_path {run}; proxy_temp_path {run}; fastcgi_temp_path {run}; uwsgi_temp_path {run};
  scgi_temp_path {run};
  upstream gunicorn {{ server unix:{run}/gunicorn.sock; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location / {{ proxy_pass http://gunicorn; }}
  }}
}}
"""


def application(folder: str) -> Flask:
    """Returns the application, which predicts rows in JSON or CSV with the fitted pipeline.

    The columns are computed by the function of training, because the date functions of pandas are slower.
    """
    manifest = read_directory(Path(folder) / "model").manifest
    pipeline: Any = joblib.load(Path(folder) / "pipeline.joblib")
    predict = (
        pipeline.predict_proba if manifest.labels else lambda rows: pipeline.predict(rows).reshape(-1, 1)
    )
    identity = {"name": manifest.name, "version": manifest.version}
    app = Flask(__name__)

    @app.post("/invocations")
    def invocations() -> Any:
        output = predict(pipeline_frame(manifest.fields, _dataset(manifest.fields, _table()))).tolist()
        predictions = [prediction(values, manifest.labels, manifest.threshold) for values in output]
        return jsonify({"predictions": predictions, "model": identity})

    return app


def _dataset(fields: Sequence[Field], table: dict[str, list[Any]]) -> Dataset:
    size = len(next(iter(table.values())))
    columns = {field.name: _column(field, table.get(field.name, [None] * size)) for field in fields}
    return Dataset(name="a request", columns=columns, target=np.zeros(size))


def _column(field: Field, values: list[Any]) -> Any:
    return np.array(values, dtype="f8" if field.is_number else _KINDS.get(field.type, object))


def _table() -> dict[str, list[Any]]:
    if request.mimetype == "text/csv":
        table = pd.read_csv(io.BytesIO(request.data))
        return table.astype(object).where(table.notna(), None).to_dict("list")
    body = request.get_json()
    rows = body.get("instances", [body])
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def serve(port: int, folder: Path) -> None:
    """Serves until SIGTERM; replaces this process with gunicorn's."""
    run = Path(tempfile.mkdtemp())
    # The worker of nginx needs access to the socket, whose folder may be another user's secret.
    user = "" if os.geteuid() else "user root;"
    (run / "nginx.conf").write_text(_NGINX.format(run=run, port=port, user=user), encoding="utf-8")
    subprocess.Popen([shutil.which("nginx") or "nginx", "-c", str(run / "nginx.conf")])
    gunicorn = [
        *(sys.executable, "-m", "gunicorn", f"benchmarks.contenders.flask:application('{folder}')"),
        *("--bind", f"unix:{run}/gunicorn.sock", "--workers", "1"),
        *("--log-level", "warning", "--worker-tmp-dir", "/dev/shm"),  # noqa: S108  # as gunicorn advises
    ]
    os.execv(sys.executable, gunicorn)  # noqa: S606  # no shell is wanted
