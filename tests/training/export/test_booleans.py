"""Boolean fields from the rows of training to the answers of the server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from api.openapi.examples import examples
from bundle import Bundle, Columns, Field
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.media_type import CSV_TYPE, JSON_TYPE, BodyFormat
from serving.predict.predictor import Predictor
from serving.predict.request import RequestParameters
from training.data.csv_table import sample_or_table
from training.data.data_options import DataOptions, only_sample
from training.data.dataset import Dataset
from training.data.split import by_label
from training.export.verified_bundle import write_bundle
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.model import Model

FIELDS = (
    Field(name="size", type="number", description="Its size.", example=1.5),
    Field(name="is_new", type="boolean", required=False, description="Whether it is new.", example=True),
)
SIZE = np.random.default_rng(0).normal(size=200).round(2)
IS_NEW = np.arange(200) % 3 == 0


def table(values: NDArray[Any]) -> Dataset:
    return Dataset(
        name="made", columns={"size": SIZE, "is_new": values}, target=(IS_NEW & (SIZE > -1)).astype(np.int64)
    )


def forest(_columns: Columns, plan: Plan) -> Pipeline:
    return Pipeline([("forest", RandomForestClassifier(10, random_state=plan.seed))])


def trained(path: Path, data: Dataset) -> Bundle:
    model = Model(
        task="binary",
        fields=FIELDS,
        labels=("no", "yes"),
        read=only_sample(lambda: data),
        split=by_label,
        pipeline=forest,
    )
    split = by_label(data, 0)
    fitted = fit(model, split.train, Plan(seed=0))
    return write_bundle(path, name="made", data=data, split=split, fitted=fitted).bundle


@pytest.mark.parametrize(
    "encode",
    [
        lambda values: values,
        lambda values: values.astype(object),
        lambda values: values.astype(np.float64),
    ],
    ids=["bool", "objects", "ones and zeros"],
)
def test_a_bool_column_is_trained_exported_and_served(
    tmp_path: Path, encode: Callable[[NDArray[np.bool_]], NDArray[Any]]
) -> None:
    bundle = trained(tmp_path / "model.tar.gz", table(encode(IS_NEW)))

    assert {row.instance.get("is_new") for row in bundle.manifest.golden} <= {True, False, None}
    predictor = Predictor(bundle)
    check_golden_rows(predictor)
    rows = [{"size": 1, "is_new": value} for value in (True, False)]
    answer = json.loads(predictor.answer(json.dumps({"instances": rows}).encode()))
    assert [row["label"] for row in answer["predictions"]] == ["yes", "no"]


def test_every_example_of_the_documents_gets_its_golden_predictions(tmp_path: Path) -> None:
    bundle = trained(tmp_path / "model.tar.gz", table(IS_NEW))

    for example in examples(bundle.manifest):
        body = example.body if isinstance(example.body, str) else json.dumps(example.body)
        parameters = RequestParameters(
            content=BodyFormat(CSV_TYPE if example.name == "csv" else example.media_type),
            accept=BodyFormat(JSON_TYPE),
        )
        found = json.loads(Predictor(bundle).answer(body.encode(), parameters))["predictions"]
        assert [golden.matches(row) for golden, row in zip(example.golden, found, strict=True)] == [
            True for _ in found
        ], example.name


def test_a_csv_file_has_booleans_as_words_and_gaps(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "size,is_new,label\n1,True,yes\n2,,no\n3, false ,no\n", encoding="utf-8"
    )
    read = sample_or_table(
        lambda: table(IS_NEW), fields=FIELDS, columns={}, target="label", labels={"no": 0, "yes": 1}
    )

    data = read(DataOptions(source=str(tmp_path / "rows.csv")))

    assert data.columns["is_new"].tolist() == [True, None, False]
    assert [data.instance(row, ["size", "is_new"]) for row in (0, 1)] == [
        {"size": 1.0, "is_new": True},
        {"size": 2.0},
    ]
