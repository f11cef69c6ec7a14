"""A bundle with a tree, and rows for it."""

from pathlib import Path

import numpy as np
from onnx import helper

from bundle import Bundle, Columns, Golden, write_archive
from scoring.fields.record_reader import ReadRecords, RecordReader
from scoring.inputs.csv_file_rows import CsvFileRows
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.row_reader import RowReader
from tests.tiny_bundle import EXAMPLE, FIELDS, tiny_graph, tiny_manifest

NAMES = Columns(FIELDS).numbers
# The tree asks for the size and the day of the week.
READ = (NAMES.index("size"), NAMES.index("day_day_of_week"))


def write_tree_bundle(path: Path) -> Bundle:
    """Writes a bundle with a tree of three nodes and four leaves."""
    modes = ["BRANCH_LEQ", "BRANCH_LEQ", "BRANCH_LEQ", *["LEAF"] * 4]
    shares = [0.1, 0.2, 0.3, 0.4]
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["numbers"],
        ["probabilities"],
        domain="ai.onnx.ml",
        n_targets=2,
        nodes_treeids=[0] * 7,
        nodes_nodeids=[*range(7)],
        nodes_featureids=[READ[0], READ[1], READ[1], 0, 0, 0, 0],
        nodes_modes=modes,
        nodes_values=[5.0, 2.0, 4.0, 0.0, 0.0, 0.0, 0.0],
        nodes_truenodeids=[1, 3, 5, 0, 0, 0, 0],
        nodes_falsenodeids=[2, 4, 6, 0, 0, 0, 0],
        nodes_hitrates=[1.0] * 7,
        nodes_missing_value_tracks_true=[0] * 7,
        target_treeids=[0] * 8,
        target_nodeids=[3, 4, 5, 6] * 2,
        target_ids=[0] * 4 + [1] * 4,
        target_weights=[*[1 - share for share in shares], *shares],
    )
    graph = tiny_graph()
    del graph.graph.node[:]
    del graph.graph.initializer[:]
    # The strings are an input of the bundle, and must be read.
    graph.graph.node.extend([node, helper.make_node("Shape", ["strings"], ["shape"])])
    golden = (Golden(instance=EXAMPLE, prediction={"label": "no", "probability": 0.2}),)
    return write_archive(path, manifest=tiny_manifest(golden=golden), model=graph.SerializeToString())


def read_rows(folder: Path, lines: list[str], header: str = "size,day,kind") -> ReadRecords:
    path = folder / "rows.csv"
    path.write_text(f"{header}\n" + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    rows = CsvFileRows(path, "rows", len)
    [batch] = rows.batches()
    return RecordReader(FIELDS, FieldColumns(rows, "rows", RowReader(fields=FIELDS))).read(batch)


def lines(seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    sizes, days = random.integers(0, 10, 200).tolist(), random.integers(1, 29, 200).tolist()
    return [
        f"{size},{f'2024-02-{day:02d}' if size else ''},ant" for size, day in zip(sizes, days, strict=True)
    ]
