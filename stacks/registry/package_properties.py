"""Properties of a version in the model registry, which are SageMaker's CustomerMetadataProperties.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
"""

import unicodedata
from collections.abc import Mapping
from typing import Literal

from bundle import Manifest, interface_of

# Who has made a version: the bundle of a template, a person with `make promote`, or the state machine.
Source = Literal["deployment", "promotion", "retraining"]

# Of the values; SageMaker's other limits are 50 properties and keys of 128 characters.
MAX_CHARACTERS = 256
_PUNCTUATION = frozenset("_.:/=+-@")


def package_properties(manifest: Manifest, *, source: Source) -> Mapping[str, str]:
    """Returns what the manifest of a bundle tells about a version; unknown values are absent.

    Args:
        manifest: The manifest.
        source: Who has made the version.
    """
    data = manifest.data
    told = {
        "version": manifest.version,
        "interface": interface_of(manifest),
        "source": source,
        "data": data.name,
        "rows": str(data.rows),
        "first_day": data.start,
        "last_day": data.end,
        "metrics": metrics_text(manifest.metrics.values),
    }
    allowed = {name: property_value(value) for name, value in told.items()}
    return {name: value for name, value in allowed.items() if value}


def metrics_text(values: Mapping[str, float]) -> str:
    """Returns figures as one text, such as `auc=0.7412 brier=0.1183`; the last that do not fit are absent.

    Those of further situations and of the baseline, such as `auc_baseline` beside `auc`, are left out.
    """
    text = ""
    for name, value in values.items():
        if any(name.startswith(f"{other}_") for other in values):
            continue
        longer = f"{text} {property_value(name)}={value:.4g}".strip()
        if len(longer) > MAX_CHARACTERS:
            break
        text = longer
    return text


def property_value(text: str) -> str:
    """Returns a text without the characters that SageMaker refuses in a value, cut to the longest value."""
    words = "".join(letter if _is_allowed(letter) else " " for letter in text).split()
    return " ".join(words)[:MAX_CHARACTERS].strip()


def approval_text(who: str, why: str) -> str:
    """Returns the ApprovalDescription of a version, in one line: SageMaker refuses others.

    Args:
        who: Who has approved or rejected it; the API of the registry takes no name.
        why: The reason.
    """
    return " ".join(f"{who}: {why}".split())


def _is_allowed(letter: str) -> bool:
    return letter in _PUNCTUATION or unicodedata.category(letter)[0] in "LZN"
