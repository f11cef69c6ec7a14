"""Small tables of customers for the tests."""

from pathlib import Path

import numpy as np
import pandas as pd


def customers(rows: int = 400) -> pd.DataFrame:
    """Customers who leave when their contract is short and dear."""
    random = np.random.default_rng(0)
    months, price = random.integers(1, 60, rows), random.normal(50, 15, rows).round(2)
    plan = random.choice(["basic", "family", "pro"], rows)
    odds = 0.08 * price - 0.12 * months + 1.5 * (plan == "basic")
    leaves = random.random(rows) < 1 / (1 + np.exp(-odds))
    return pd.DataFrame(
        {
            "customer_id": [f"C{row:05d}" for row in range(rows)],
            "Months with us": months,
            "price": price,
            "plan": plan,
            "churned": np.where(leaves, "Yes", "No"),
        }
    )


def write_csv(folder: Path, table: pd.DataFrame, name: str = "customers.csv") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    table.to_csv(path, index=False)
    return path
