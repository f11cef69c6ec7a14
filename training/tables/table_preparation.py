"""From a table and its target to a model: fields, task, split, leaks and recipe."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bundle.texts.counted_noun import counted
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.data.holdout import without_holdout
from training.data.split import evenly
from training.errors import TrainingError
from training.model import Model
from training.progress import Progress
from training.tables.choices.joint_leaks import joint_leak
from training.tables.choices.recipe import Recipe
from training.tables.choices.selection import MOST_ROWS, select
from training.tables.choices.splits import RANDOM_SPLIT, SplitChoice, choose_split
from training.tables.choices.target import find_target, written_labels
from training.tables.columns.cells import Cells
from training.tables.columns.column_values import column_values
from training.tables.columns.fields_file import FIELDS_FILE, TableFile, write_table_file
from training.tables.columns.inference import has_decimal_commas, infer
from training.tables.own_table import OwnTable, settings_of
from training.tables.source_table import read_table
from training.tables.table_from_fields_file import kept_table
from training.tables.table_model import table_model
from training.tables.unused_fields import left_out, with_most_fields, without_leaks

FEWEST_TABLE_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class TableRequest:
    """Request of a user: a table, its target and the options.

    Attributes:
        source: Path or URL of the table.
        target: Column to predict.
        out: Folder of the bundle, and of the file of the fields.
        task: Task, where the values do not decide it rightly; None for that of the values.
        leave_out: Columns to leave out.
        missed_cost: Cost of a missed positive in false alarms; None for that of the last run, at first 1.
        seed: Seed of the random numbers.
        random_split: Whether the test rows are random ones, whatever columns the table has.
        holdout: Newest days that are left out for a judge; without dates, any number leaves out a tenth.
    """

    source: str
    target: str
    out: Path
    task: str | None = None
    leave_out: Sequence[str] = ()
    missed_cost: float | None = None
    seed: int = 0
    random_split: bool = False
    holdout: int = 0


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A table with its model.

    Attributes:
        table: The table.
        model: The model, which reads the rows that were read already.
        recipe: The recipe of its pipeline.
        notes: How it came about, one sentence each.
    """

    table: OwnTable
    model: Model
    recipe: Recipe
    notes: tuple[str, ...]


def prepare(request: TableRequest, progress: Progress) -> Prepared:
    """Reads a table, decides all that a model needs, and writes the file of the fields.

    Raises:
        TrainingError: When the table cannot be read, or nothing can be learned from it.
    """
    path, cost = request.out / FIELDS_FILE, request.missed_cost
    if path.exists():
        own, data, notes, kept_cost = _kept(path, request, progress)
        cost = kept_cost if cost is None else cost
    else:
        own, data, notes = _inferred(request, progress)
    if request.missed_cost is not None and own.target.task != "binary":
        raise TrainingError(
            f"--missed-cost is of binary models, and {request.target} is predicted in a {own.target.task} "
            "model: leave out the option."
        )
    cost = 1.0 if cost is None else cost
    progress.step(f"looking for fields that know {request.target} beforehand")
    own, data, reduced = with_most_fields(own, data, request.seed)
    own, data, leaks = without_leaks(own, data, request.seed)
    if not own.fields:
        raise TrainingError(
            f"{request.source} has no column left to predict {request.target} from: "
            f"{' '.join(column.left_out for column in own.columns)}"
        )
    _write(path, own, missed_cost=cost)
    notes += [*reduced, *(leak.sentence for leak in leaks)]
    recipe, because = _recipe(own, data, request.seed, {leak.field for leak in leaks}, progress)
    notes += because
    return Prepared(
        table=own,
        model=table_model(own, recipe, data=data, missed_cost=cost, notes=tuple(notes)),
        recipe=recipe,
        notes=tuple(notes),
    )


def _kept(
    path: Path, request: TableRequest, progress: Progress
) -> tuple[OwnTable, Dataset, list[str], float]:
    progress.step(f"reading the fields of {path}")
    own, cost = kept_table(path, source=request.source, target=request.target)
    if request.task not in (None, own.target.task):
        raise TrainingError(
            f"{path} has the task {own.target.task}, not {request.task}: correct task and labels there, or "
            "remove that file, and all is inferred again."
        )
    own = replace(own, choice=RANDOM_SPLIT) if request.random_split else own
    progress.step(f"reading {request.source}")
    table = own.read_columns(DataOptions(source=request.source, progress=progress))
    table.check_column(request.target, what="the target")
    own = left_out(own, table, request.leave_out)
    notes = [column.left_out for column in own.columns if column.left_out]
    notes.append(
        f"The fields, the task ({own.target.task}) and the split ({own.choice.kind}) are those of {path}."
    )
    named = {request.target, own.choice.column, *(column.name for column in own.columns)}
    if unnamed := [name for name in table.names if name not in named]:
        notes.append(
            f"{path} does not name {counted(len(unnamed), 'column')} of the table, such as {unnamed[0]!r}, "
            "which the model does not use: add a [[field]], or remove that file, and all is inferred again."
        )
    return own, _learned(own, own.dataset(table), request), notes, cost


def _inferred(request: TableRequest, progress: Progress) -> tuple[OwnTable, Dataset, list[str]]:
    progress.step(f"reading {request.source}")
    table = read_table(DataOptions(source=request.source, progress=progress), target=request.target)
    table.check_column(request.target, what="the target")
    progress.step(f"inferring the fields of {len(table.names):,} columns and {table.rows:,} rows")
    cells = table.columns
    comma_decimal = table.comma_decimal or has_decimal_commas(cells)
    of_target = cells[request.target]
    target = find_target(request.target, of_target, comma_decimal=comma_decimal, task=request.task)
    target = written_labels(target, of_target)
    others = {name: values for name, values in cells.items() if name != request.target}
    found = infer(others, comma_decimal=comma_decimal)
    own = OwnTable(source=request.source, columns=found.columns, target=target, choice=RANDOM_SPLIT)
    own = left_out(own, table, request.leave_out)
    if not request.random_split:
        own = replace(own, choice=_split_choice(own, cells))
    data = _learned(own, own.dataset(table), request)
    repeated = [
        f"The table has {count} columns of the name {name!r}, which are numbered: {f'{name} (2)'!r} is the "
        "second."
        for name, count in table.repeated.items()
    ]
    return own, data, [*repeated, *found.notes, target.because, own.choice.because]


def _split_choice(own: OwnTable, cells: Mapping[str, Cells]) -> SplitChoice:
    positions, known, _ = own.target.values(cells[own.target.name])
    # Only dates decide the split; thousands of other columns need not be read twice.
    values = {
        column.field.name: column_values(column, cells[column.name])[known]
        for column in own.used
        if column.field.type == "date"
    }
    return choose_split(own.columns, values, cells, positions, known)


def _learned(own: OwnTable, data: Dataset, request: TableRequest) -> Dataset:
    """Returns the rows without those that are held out.

    Raises:
        TrainingError: When they are too few, or cannot be held out.
    """
    if request.holdout and own.choice.kind == "group":
        raise TrainingError(
            f"The rows with one value of {own.choice.column} belong together, and --holdout leaves out "
            "single rows: train without it."
        )
    if request.holdout:
        data = without_holdout(data, request.holdout)
    _check_rows(data)
    return data


def _check_rows(data: Dataset) -> None:
    if len(data) < FEWEST_TABLE_ROWS:
        raise TrainingError(
            f"{data.name} has {counted(len(data), 'usable row')}, and a model needs at least "
            f"{FEWEST_TABLE_ROWS}: give {counted(FEWEST_TABLE_ROWS - len(data), 'row')} more."
        )


def _recipe(
    own: OwnTable, data: Dataset, seed: int, leaks: Collection[str], progress: Progress
) -> tuple[Recipe, list[str]]:
    rows = own.train_rows(data, seed)
    rows = rows[evenly(len(rows), MOST_ROWS)]
    groups = own.groups(data)
    progress.step(f"comparing pipelines on {len(rows):,} training rows")
    train, classes = data.take(rows), len(own.target.labels)
    found = select(
        train,
        own.fields,
        classes=classes,
        choice=own.choice,
        groups=None if groups is None else groups[rows],
        seed=seed,
        progress=progress,
    )
    joint = joint_leak(
        found, own.fields, train, classes=classes, name=own.target.name, named=leaks, seed=seed
    )
    return found.recipe, [*([joint] if joint else []), *found.sentences]


def _write(path: Path, own: OwnTable, *, missed_cost: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = TableFile(columns=own.columns, settings=settings_of(own, missed_cost=missed_cost))
    title = (
        f"Fields of the model that predicts {own.target.name!r}, one [[field]] for each column of the table."
    )
    write_table_file(path, content, title=" ".join(title.split()))
