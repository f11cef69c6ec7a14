"""`--simplest`: the simplest model that is not worse beyond noise ships, and everything says which one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from bundle import Bundle, Columns, Field, read_archive
from tests.training.toys import TOY, read_toy, toy_pipeline
from training.data.data_options import only_sample
from training.data.dataset import Dataset
from training.data.model_inputs import column_positions, graph_tensors
from training.data.split import by_time
from training.evaluation.baselines.comparison import LINEAR, MEAN
from training.evaluation.baselines.simple_pipelines import linear_pipeline
from training.evaluation.baselines.simplest_model import fit_baseline
from training.evaluation.manifest_metrics import manifest_metrics
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.model import Model, Situation
from training.model_card import ModelCard
from training.progress import SILENT
from training.report.text_report import text_report
from training.report.training_report import TrainingReport
from training.training_run import Job, run

NOT_ITS_OWN = "This is not the pipeline of the model's file but "


def noisy_pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """Trees on one number alone, which are worse than a linear model of all fields."""
    del columns
    return Pipeline([("trees", RandomForestClassifier(5, max_features=1, random_state=plan.seed))])


NOISY = replace(
    TOY,
    fields=TOY.fields[1:],
    read=only_sample(
        lambda: replace(
            read_toy(),
            columns={
                "size": read_toy().columns["size"],
                "late": np.nan_to_num(np.asarray(read_toy().columns["late"], dtype=float)),
            },
        )
    ),
    situations=(Situation(name="", description="all fields"),),
    gaps=(),
    pipeline=noisy_pipeline,
    card=ModelCard(title="Is it a yes?", limits=("It knows little.",)),
    libraries=("onnxmltools",),
)


def ignorant(target: Callable[[np.random.Generator, int], Any], **changes: Any) -> Model:
    """A model whose label has nothing to do with its fields."""
    data = replace(read_toy(), target=target(np.random.default_rng(1), 400))
    return replace(TOY, read=only_sample(lambda: data), **changes)


def trained(model: Model, out: Path, **changes: Any) -> tuple[TrainingReport, Bundle]:
    report = run(Job(name="toy", model=model, out=out, simplest=True, **changes), SILENT)
    return report, read_archive(out / "model.tar.gz")


@pytest.mark.slow
def test_a_linear_model_that_is_not_worse_ships_fitted_on_all_rows(tmp_path: Path) -> None:
    # Given a model whose trees are worse than the linear baseline
    data = NOISY.read(Job(name="", model=NOISY, out=tmp_path).data)
    split = by_time(data, 0)
    linear = NOISY.replaced_by(LINEAR, lambda: linear_pipeline(NOISY, split.train))
    tested, whole = (fit_baseline(linear, rows, Plan()) for rows in (split.train, data))

    # When it is trained with --simplest
    report, bundle = trained(NOISY, tmp_path)

    # Then the linear model ships, fitted on all rows, with its own golden rows and figures
    assert report.trouble == ""
    assert bundle.model == export(whole.pipeline, NOISY.columns)
    figures = manifest_metrics(NOISY, split, tested.outputs(split.test)).values
    assert bundle.manifest.metrics.values == pytest.approx(figures, abs=1e-5)
    golden = bundle.manifest.golden
    own = GraphScorer(bundle.model, NOISY.fields).score_instances([row.instance for row in golden])[:, 1]
    assert [row.prediction["probability"] for row in golden] == pytest.approx(own.tolist(), abs=1e-6)
    assert "onnxmltools" not in bundle.manifest.libraries


@pytest.mark.slow
def test_manifest_report_and_card_say_that_the_linear_model_ships_and_why(tmp_path: Path) -> None:
    report, bundle = trained(NOISY, tmp_path)

    assert f"{NOT_ITS_OWN}the linear baseline: on the test rows, that" in bundle.manifest.metrics.split
    first, why = report.simplest
    assert (
        first == "As --simplest asks, the linear baseline ships instead of the pipeline of the model's file."
    )
    assert why.startswith("The linear baseline is ")
    assert "the pipeline of the model's file" in why
    assert "95 % interval of its gain" in why
    assert report.warnings == ()
    assert "As --simplest asks" in text_report(report)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "As --simplest asks, the linear baseline ships" in page
    card = page[page.index("Model card</h2>") :]
    assert card.index("but the linear baseline") < card.index("It knows little.")


def labels(random: np.random.Generator, rows: int) -> Any:
    return random.integers(0, 2, rows)


def three_labels(random: np.random.Generator, rows: int) -> Any:
    return random.choice(3, rows, p=[0.6, 0.2, 0.2])


def values(random: np.random.Generator, rows: int) -> Any:
    return random.normal(7, 1, rows)


def line_pipeline(columns: Columns, plan: Plan) -> Pipeline:
    del plan
    return Pipeline(
        [("pick", toy_pipeline(columns, Plan()).named_steps["features"]), ("line", LinearRegression())]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [
        ignorant(labels),
        ignorant(three_labels, task="multiclass", labels=("a", "b", "c"), missed_cost=1),
        ignorant(values, task="regression", labels=(), pipeline=line_pipeline),
    ],
    ids=lambda model: model.task,
)
def test_the_mean_ships_where_the_fields_say_nothing(model: Model, tmp_path: Path) -> None:
    report, bundle = trained(model, tmp_path)

    assert report.trouble == ""
    assert f"{NOT_ITS_OWN}always predicting the mean of the training rows" in bundle.manifest.metrics.split
    assert len(report.simplest) == 1 + len(model.situations)
    assert len({str(row.prediction) for row in bundle.manifest.golden}) == 1
    # All rows count, those of the test too.
    target = model.read(Job(name="", model=model, out=tmp_path).data).target
    mean = np.bincount(target) / len(target) if model.labels else [target.mean()]
    score = GraphScorer(bundle.model, model.fields).score_instances([bundle.manifest.golden[0].instance])
    assert score[0] == pytest.approx(mean, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("page", [False, True])
def test_a_model_that_is_better_ships_unchanged(page: bool, tmp_path: Path) -> None:
    # Given a model that is better than a linear one: its label is a number's distance from zero
    near = replace(read_toy(), target=(np.abs(read_toy().columns["size"]) > 0.7).astype(int))
    model = replace(NOISY, fields=TOY.fields[1:2], read=only_sample(lambda: only_size(near)))
    run(Job(name="toy", model=model, out=tmp_path / "without", page=False), SILENT)

    # When it is trained with --simplest
    report, _ = trained(model, tmp_path / "with", page=page)

    # Then its bundle is the same, and the report says so
    one, other = (tmp_path / name / "model.tar.gz" for name in ("without", "with"))
    assert one.read_bytes() == other.read_bytes()
    first, mean, linear = report.simplest
    assert first.startswith("--simplest changes nothing: the pipeline of the model's file ships")
    assert mean.startswith("Always predicting the mean of the training rows is worse than the pipeline of")
    assert linear.startswith(
        "The linear baseline is worse than the pipeline of the model's file beyond noise"
    )


def only_size(data: Dataset) -> Dataset:
    return replace(data, columns={"size": data.columns["size"]})


@pytest.mark.slow
def test_a_stopped_job_compares_no_simpler_model(tmp_path: Path) -> None:
    report, bundle = trained(NOISY, tmp_path, plan=Plan(stopping=lambda: True))

    assert NOT_ITS_OWN not in bundle.manifest.metrics.split
    assert "because the job was stopped" in report.simplest[0]


def every_type(rows: int = 600) -> tuple[Model, Dataset]:
    """A model with a field of every type, each with absent values, and a string of 150 values."""
    random = np.random.default_rng(0)
    gone = random.random((6, rows)) < 0.1
    towns = np.array([f"t{number:03d}" for number in random.zipf(1.3, rows) % 150], dtype=object)
    hours = np.array([f"{hour:02d}:59" for hour in random.integers(0, 24, rows)], dtype=object)
    days = np.datetime64("2024-01-01") + random.integers(0, 366, rows).astype("timedelta64[D]")
    columns: dict[str, Any] = {
        "size": np.where(gone[0], np.nan, random.normal(1e6, 3, rows)),
        "count": np.where(gone[1], np.nan, random.integers(0, 9, rows).astype(float)),
        "yes": np.where(gone[2], np.nan, random.integers(0, 2, rows).astype(float)),
        "town": np.where(gone[3], np.array(None, dtype=object), towns),
        "at": np.where(gone[4], np.array(None, dtype=object), hours),
        "day": np.where(gone[5], np.datetime64("NaT"), days),
        "words": np.array(["a word"] * rows, dtype=object),
    }
    types = ("number", "integer", "boolean", "string", "time", "date", "text")
    fields = tuple(
        Field(name=name, type=kind, required=False, example="")  # type: ignore[arg-type]
        for name, kind in zip(columns, types, strict=True)
    )
    target = (np.nan_to_num(columns["count"]) + random.normal(0, 2, rows) > 4).astype(int)
    data = Dataset(name="types", columns=columns, target=target)
    model = replace(TOY, fields=fields, situations=(Situation(name="", description="all"),), gaps=())
    return model, data


def test_a_graph_of_the_linear_model_predicts_as_its_pipeline_for_every_type_of_field() -> None:
    # Given a linear model that is fitted on the first half of the rows
    model, data = every_type()
    half = data.take(np.arange(300))
    linear = model.replaced_by(LINEAR, lambda: linear_pipeline(model, half))
    fitted = fit_baseline(linear, half, Plan())

    # When its graph predicts the other half, whose towns the model does not all know
    other = data.take(np.arange(300, 600))
    output = GraphScorer(export(fitted.pipeline, model.columns), model.fields).score(
        graph_tensors(model.fields, other)
    )

    # Then it predicts as the pipeline
    assert np.abs(output - fitted.outputs(other)[""]).max() < 1e-6
    assert len(np.unique(output[:, 1])) > 200


def test_the_linear_model_encodes_at_most_a_hundred_values_of_a_string() -> None:
    model, data = every_type()
    columns = {"town": np.array([f"t{row % 150:03d}" for row in range(600)], dtype=object)}

    pipeline = linear_pipeline(model, replace(data, columns=columns))
    assert pipeline is not None
    fitted = fit(model.replaced_by(MEAN, lambda: pipeline), replace(data, columns=columns), Plan())

    assert fitted.pipeline.named_steps["features"].width == 100
    assert column_positions(model.columns, ["town"]) == [len(model.columns.numbers)]
