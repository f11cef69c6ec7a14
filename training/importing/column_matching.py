"""Matching of the sample's columns to the inputs of an imported model."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from bundle.texts.counted_noun import counted
from training.errors import TrainingError
from training.importing.graphs.foreign_graph import ForeignInput, InputKind


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Columns of the sample that the model takes.

    Attributes:
        columns: Names of the sample's columns of each input, by its name.
        kinds: Kind of each column that the model takes, in the order of the sample.
        unused: Columns of the sample that the model does not take.
        original_names: Name that the model has for each column.
        assumed: Sentence on the columns of several tensors that have no names; "" when nothing is assumed.
    """

    columns: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, InputKind]
    unused: tuple[str, ...] = ()
    original_names: Mapping[str, str] = field(default_factory=dict)
    assumed: str = ""


def match_columns(
    inputs: Sequence[ForeignInput],
    sample: Mapping[str, bool],
    names: Sequence[str] = (),
    tensors: Mapping[str, tuple[str, ...]] | None = None,
    *,
    target: str = "",
) -> Matching:
    """Assigns columns of the sample to the inputs: by name where the model has names, else in their order.

    Args:
        inputs: Inputs of the graph.
        sample: Whether each column of the sample has words (and no numbers), by its name.
        names: Names of the columns of all inputs in their order; empty when the file does not name them.
        tensors: Names of the columns of each input, where one has only some of them.
        target: Column of the right answers, which is none of the sample's columns; "" for none.

    Raises:
        TrainingError: When a column of the model is missing, or the numbers of columns differ.
    """
    wanted = tensors or {one.name: _names_of(one, inputs, names) for one in inputs}
    every = [column for columns in wanted.values() for column in columns]
    taken: dict[str, tuple[str, ...]] = {
        name: columns_by_name(columns, [*sample], every, target=target)
        for name, columns in wanted.items()
        if columns
    }
    used = {column for columns in taken.values() for column in columns}
    rest = [column for column in sample if column not in used]
    unnamed = [one.name for one in inputs if one.name not in taken]
    if unnamed:
        free = [one for one in inputs if one.name in unnamed]
        taken |= _in_order(free, {column: sample[column] for column in rest})
        rest = []
    kinds = {column: one.kind for one in inputs for column in taken[one.name]}
    return Matching(
        columns=taken,
        kinds={column: kinds[column] for column in sample if column in kinds},
        unused=tuple(rest),
        original_names={
            column: name
            for one in inputs
            for column, name in zip(taken[one.name], wanted[one.name] or taken[one.name], strict=True)
        },
        assumed=_assumed({name: taken[name] for name in unnamed}),
    )


def found_columns(wanted: Sequence[str], columns: Iterable[str]) -> dict[str, str]:
    """Returns the column of each wanted name that there is, whatever its case and punctuation."""
    names = [*columns]
    exact, plain = {*names}, _plain_names(names)
    found = {name: name if name in exact else plain.get(_plain(name), "") for name in wanted}
    return {name: column for name, column in found.items() if column}


def source_column(feature: str, columns: Sequence[str]) -> str:
    """Returns the column that a ColumnTransformer passed on as a feature, such as rest__shop; "" for none."""
    plain = _plain(feature)
    found = [name for name in columns if plain == _plain(name) or plain.endswith(f"__{_plain(name)}")]
    return max(found, key=len, default="")


def _names_of(one: ForeignInput, inputs: Sequence[ForeignInput], names: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of an input's columns; empty when they are not known."""
    if names and len(inputs) == 1:
        if one.width not in (None, len(names)):
            raise TrainingError(
                f"The model names {counted(len(names), 'column')} ({', '.join(names[:8])}), and its graph "
                f"takes {one.width}: import the pipeline that makes the columns of the graph, or its file "
                "alone."
            )
        return tuple(names)
    is_written = one.name in names and [*map(_plain, names)].count(_plain(one.name)) == 1
    if not is_written and len(names) == len(inputs) and all(found.width == 1 for found in inputs):
        # Converters write names of letters and digits, and number those that become the same.
        return (names[inputs.index(one)],)
    # A graph of several inputs, each of one column, has the names of its columns.
    return (one.name,) if len(inputs) > 1 and one.width == 1 else ()


def _assumed(taken: Mapping[str, Sequence[str]]) -> str:
    """Returns the sentence on tensors without names of columns; "" for one tensor, which takes all."""
    if len(taken) < 2:
        return ""
    shares = "; ".join(f"{name} takes {', '.join(columns)}" for name, columns in taken.items())
    return (
        f"The model does not name the columns of its inputs, so they take those of the sample in order: "
        f"{shares}. If the training had another order, give the columns in that order."
    )


def columns_by_name(
    wanted: Sequence[str], columns: Sequence[str], every: Sequence[str], *, target: str = ""
) -> tuple[str, ...]:
    """Returns the columns with the wanted names, whatever their case and punctuation.

    Args:
        wanted: The names.
        columns: Columns of the sample.
        every: Names of all columns that the model takes.
        target: Column of the right answers, which is none of the sample's columns; "" for none.

    Raises:
        TrainingError: When one is missing, or two names have one column.
    """
    there, plain = found_columns(wanted, columns), _plain_names(columns)
    found = [there.get(name, "") for name in wanted]
    if "" in found:
        name = wanted[found.index("")]
        if target and _plain(name) == _plain(target):
            raise TrainingError(
                f"The model takes the column {name!r}, which --target names as the column of right answers: "
                "name another column, or leave out --target."
            )
        close = get_close_matches(_plain(name), plain, n=1)
        hint = (
            f"did you mean {plain[close[0]]!r}? Rename the column"
            if close
            else f"its columns are {', '.join(columns)}, and the model takes {', '.join(every)}; rename them"
        )
        raise TrainingError(f"The sample has no column {name!r}, which the model takes: {hint}.")
    if len({*found}) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise TrainingError(
            f"Two inputs of the model have the name of the column {twice!r}: export it with distinct names."
        )
    return tuple(found)


def _plain_names(columns: Sequence[str]) -> dict[str, str]:
    """Returns columns by their plain name, without those that share one."""
    plain = [_plain(name) for name in columns]
    return {name: column for name, column in zip(plain, columns, strict=True) if plain.count(name) == 1}


def _plain(name: str) -> str:
    """Returns a name as exporters write it, which allow only letters, digits and underscores."""
    return re.sub(r"\W+", "_", name.casefold()).strip("_")


def _in_order(inputs: Sequence[ForeignInput], sample: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    by_kind = {
        has_words: [column for column, words in sample.items() if words == has_words]
        for has_words in (False, True)
    }
    if len({one.kind == "string" for one in inputs}) == 1:
        by_kind = {inputs[0].kind == "string": [*sample], inputs[0].kind != "string": []}
    taken = {}
    for has_words, columns in by_kind.items():
        own = [one for one in inputs if (one.kind == "string") == has_words]
        widths = _widths(own, len(columns))
        if sum(widths) != len(columns):
            raise TrainingError(
                f"The model takes {counted(sum(widths), 'column')} without names, and the sample has "
                f"{len(columns)} ({', '.join(columns[:8])}): give the model's columns alone, in the order of "
                "its training, and name the column of the answers with --target."
            )
        for one, width in zip(own, widths, strict=True):
            taken[one.name], columns = tuple(columns[:width]), columns[width:]
    return taken


def _widths(inputs: Sequence[ForeignInput], columns: int) -> list[int]:
    """Returns the number of columns of each input; one whose graph does not say takes what is left."""
    known = sum(one.width or 0 for one in inputs)
    unknown = [one.name for one in inputs if one.width is None]
    if len(unknown) > 1:
        raise TrainingError(
            f"The graph does not say how many columns its inputs {', '.join(unknown)} have: export it with "
            "inputs of the shape (rows, columns), and only the number of rows open."
        )
    return [columns - known if one.width is None else one.width for one in inputs]
