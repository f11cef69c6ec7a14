"""Model of a table: of one that was just read, or of the file of fields of an earlier run."""

from pathlib import Path

from training.data.dataset import Dataset
from training.fit_plan import Plan
from training.model import Model
from training.model_card import ModelCard
from training.tables.choices.recipe import Recipe
from training.tables.own_table import SOURCES, OwnTable
from training.tables.table_from_fields_file import kept_table


def table_model(
    own: OwnTable,
    recipe: Recipe,
    *,
    data: Dataset | None = None,
    missed_cost: float,
    notes: tuple[str, ...] = (),
) -> Model:
    """Makes the model of a table; with `data`, it reads these rows."""
    classes = len(own.target.labels)

    def pipeline(_: object, plan: Plan) -> object:
        return recipe.pipeline(own.fields, classes=classes, seed=plan.seed)

    return Model(
        task=own.target.task,
        fields=own.fields,
        labels=own.target.labels,
        read=own.read if data is None else lambda _: data,
        data=SOURCES,
        split=own.split,
        pipeline=pipeline,
        missed_cost=missed_cost,
        libraries=("lightgbm",) if recipe.kind == "trees" else (),
        card=ModelCard(title=f"{own.target.name} by the other columns of a table", limits=notes),
    )


def kept_model(path: Path) -> Model:
    """Makes the model of an earlier run's file of fields, which reads rows but says nothing of a pipeline.

    Raises:
        TrainingError: When a setting of the file is wrong.
    """
    own, missed_cost = kept_table(path, source=str(path))
    return table_model(own, Recipe(kind="linear"), missed_cost=missed_cost)
