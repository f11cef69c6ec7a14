"""What one training job is asked for, on its way between two virtual environments."""

from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-sagemaker" / "bin" / "python"
PROGRAM = Path(__file__).with_name("launch.py")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A training job to be started, as launch.py reads it.

    Attributes:
        name: What its generated name begins with.
        bucket: Where its data and what it makes are.
        prefix: Under which keys.
        image: The training image.
        role: What it runs as; None for the caller's own role.
        hyperparameters: All strings.
        channel: S3 URI of its rows; None when it fetches them itself.
        instance_type: On what.
        instance_count: On how many.
        spot: Whether on spare capacity.
        max_seconds: After how long it is ended.
        metrics: What to look for in its log.
    """

    name: str
    bucket: str
    prefix: str
    image: str
    role: str | None
    hyperparameters: dict[str, str]
    channel: str | None
    instance_type: str
    instance_count: int
    spot: bool
    max_seconds: int
    metrics: list[dict[str, str]]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What launch.py says: a job's name, or what was wrong.

    Attributes:
        job: The name.
        code: AWS's word for what was wrong, or the exception's name.
        message: The sentence that came with it.
    """

    job: str = ""
    code: str = ""
    message: str = ""
