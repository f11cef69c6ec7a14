"""How long a request may take, from its arrival to its answer."""

ROW_SECONDS = 2.0
BATCH_SECONDS = 10.0


def allowed_seconds(body: bytes) -> float:
    """2 s for what looks like one row, a flat JSON object; 10 s for anything else."""
    one = body.find(b"[") < 0 and body.count(b"{") == 1
    return ROW_SECONDS if one else BATCH_SECONDS
