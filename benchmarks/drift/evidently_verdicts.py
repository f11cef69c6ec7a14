"""Evidently on windows in CSV: prints, as JSON, the drifted columns of each.

Runs in the environment of benchmarks/drift/requirements.txt. The methods and thresholds are Evidently's
defaults: those that it chooses for a column by its type and the number of rows.
"""

import json
import sys
import warnings
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def main(folder: Path) -> None:
    """Compares each window of the folder with its reference.csv."""
    warnings.simplefilter("ignore")
    types = json.loads((folder / "types.json").read_text(encoding="utf-8"))
    definition = DataDefinition(numerical_columns=types["numbers"], categorical_columns=types["strings"])

    def read(path: Path) -> Dataset:
        frame = pd.read_csv(path, dtype=dict.fromkeys(types["strings"], str))
        return Dataset.from_pandas(frame, data_definition=definition)

    reference = read(folder / "reference.csv")
    verdicts = {}
    for path in sorted(folder.glob("window-*.csv")):
        try:
            found = Report([DataDriftPreset()]).run(read(path), reference).dict()
        except ValueError as error:
            # A column without a value in the window has no distance.
            verdicts[path.stem] = [f"error: {str(error).splitlines()[0][:60]}"]
            continue
        verdicts[path.stem] = [
            metric["config"]["column"]
            for metric in found["metrics"]
            if metric["config"]["type"].endswith("ValueDrift") and _drifted(metric)
        ]
    print(json.dumps(verdicts))


def _drifted(metric: dict) -> bool:
    # With more than 1,000 rows, all methods are distances.
    assert "distance" in metric["config"]["method"]
    return float(metric["value"]) >= metric["config"]["threshold"]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
