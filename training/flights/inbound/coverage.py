"""Share of the flights whose inbound aircraft is known."""

import numpy as np

from training.data.dataset import Dataset
from training.flights.request_fields import INBOUND_DELAY, KNOWN_BEFORE
from training.progress import Progress


def tell_inbound(data: Dataset, progress: Progress) -> None:
    """Shows the share of the flights with a known delay of their inbound aircraft."""
    [name] = INBOUND_DELAY
    values = data.columns.get(name)
    if values is None:
        progress.step(
            "no flight has an earlier leg of its tail number that ends at its airport and of which something "
            f"is known {KNOWN_BEFORE} minutes before it: the model has no field {name}"
        )
        return
    known = int((~np.isnan(np.asarray(values))).sum())
    progress.step(
        f"{name} is known of {known:,} of {len(data):,} flights ({known / len(data):.1%}), by tail number"
    )
