"""Files of any number of flights to score, as CSV and as Parquet."""

from pathlib import Path

import duckdb

from benchmarks.training.flights_csv import write_flights

# Columns that the rival's pipeline needs and a file given by the user may lack.
_OPTIONAL = ("CRS_ARR_TIME", "DEP_DELAY")


def write_files(folder: Path, rows: int, file: Path | None) -> dict[str, Path]:
    """Writes the same flights in both formats and returns the paths by suffix.

    Args:
        folder: The folder.
        rows: Number of rows.
        file: Parquet file in the columns of Kaggle's data set, whose rows are repeated; None for the sample.
    """
    csv, parquet = folder / "flights.csv", folder / "flights.parquet"
    with duckdb.connect(config={"temp_directory": f"{folder}"}) as database:
        database.execute("set enable_progress_bar = false; set memory_limit = '2GB'")
        if file is None:
            write_flights(csv, rows=rows)
            database.execute(f"copy (from read_csv('{csv}')) to '{parquet}'")
        else:
            names = [
                name
                for name, *_ in database.execute("describe from read_parquet($1)", [str(file)]).fetchall()
            ]
            added = "".join(f", null::double as {name}" for name in _OPTIONAL if name not in names)
            [(found,)] = database.execute("select count(*) from read_parquet($1)", [str(file)]).fetchall()
            copies = -(-rows // found)
            rows_of = f"select t.*{added} from range({copies}), read_parquet('{file}') t limit {rows}"  # noqa: S608
            database.execute(f"copy ({rows_of}) to '{parquet}'")
            database.execute(f"copy (from read_parquet('{parquet}')) to '{csv}' (header)")
    return {path.suffix: path for path in (parquet, csv)}
