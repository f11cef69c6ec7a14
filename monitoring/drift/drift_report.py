"""Report of one comparison of a window with the reference of a model."""

from typing import Literal, Self

import msgspec

from monitoring.captures.capture_window import CaptureCounts, CaptureWindow

DriftStatus = Literal["quiet", "drift", "too_few_rows", "no_reference"]
FindingKind = Literal["distribution", "missing", "unseen", "range", "far_date"]
# Name of the predictions among the names of fields.
PREDICTION = "prediction"


class DriftFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between window and reference.

    Attributes:
        kind: What differs: the distribution of the values, the share of rows without a value, values that no
            training row had, numbers outside of the trained range, or days far from the trained days.
        value: The difference: the population stability index of a distribution, else a share of rows.
        allowed: Largest value that is quiet in this window.
        is_alarm: Whether the value is above what is allowed, and the kind is one that raises alarms.
        sentence: The difference for people.
    """

    kind: FindingKind
    value: float
    allowed: float
    is_alarm: bool
    sentence: str

    @property
    def severity(self) -> float:
        """The value in multiples of what is allowed."""
        return self.value / self.allowed if self.allowed else 0.0


class DriftBar(msgspec.Struct, frozen=True, kw_only=True):
    """One bin or value of a field, with its share of the training rows and of the window's rows."""

    title: str
    reference: float
    window: float


class FieldDrift(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one field, or of the predictions.

    Attributes:
        name: Name of the field; PREDICTION for the predictions.
        type: Type of the field; task of the model for the predictions.
        rows: Number of rows with a value.
        effective_rows: Number of independent rows that say as much about the distribution as these do.
        distance: Population stability index of the distribution; 0 when it is not compared.
        allowed: Largest index that is quiet; 0 when it is not compared.
        missing: Share of rows without a value.
        missing_reference: The same in training.
        outside: Share of rows with a value that no training row had, or outside of the trained range.
        findings: The differences, the severest first; one without an alarm is a remark.
        bars: The distribution in training and in the window.
    """

    name: str
    type: str
    rows: int
    effective_rows: float
    distance: float
    allowed: float
    missing: float
    missing_reference: float
    outside: float
    findings: tuple[DriftFinding, ...] = ()
    bars: tuple[DriftBar, ...] = ()

    @property
    def severity(self) -> float:
        """The largest severity of its alarms; 0 without one."""
        return max((finding.severity for finding in self.findings if finding.is_alarm), default=0.0)


class WindowSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Size and range of a window.

    Attributes:
        rows: Number of rows.
        calls: The captured calls, of which some have no rows.
        versions: Rows by the version that answered; "" where the captured data do not state it.
        start: Time of the first row (ISO 8601, UTC); "" without rows.
        end: Time of the last row; "" without rows.
        is_sample: Whether the rows are a sample of the calls.
    """

    rows: int
    calls: CaptureCounts
    versions: dict[str, int] = {}
    start: str = ""
    end: str = ""
    is_sample: bool = False

    @classmethod
    def of(cls, window: CaptureWindow) -> Self:
        """Summarizes a window."""
        return cls(
            rows=window.size,
            calls=window.counts,
            versions=window.versions,
            start=window.times[0].isoformat() if window.times else "",
            end=window.times[-1].isoformat() if window.times else "",
            is_sample=window.is_sample,
        )


class DriftReport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one comparison; `encode` gives its JSON.

    Attributes:
        model: Name of the model.
        version: Version whose reference the rows were compared with.
        status: `drift` when something raises an alarm, `quiet` when nothing does; `too_few_rows` or
            `no_reference` when nothing was compared.
        sentence: The result for people.
        window: The rows.
        fields: Results of the fields and of the predictions, the most drifted first.
    """

    model: str
    version: str
    status: DriftStatus
    sentence: str
    window: WindowSummary
    fields: tuple[FieldDrift, ...] = ()

    @property
    def is_alarm(self) -> bool:
        """Whether something drifted."""
        return self.status == "drift"

    @property
    def drifted(self) -> tuple[FieldDrift, ...]:
        """Results with an alarm, the most drifted first."""
        return tuple(field for field in self.fields if field.severity)

    def encode(self) -> bytes:
        """Encodes the report as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)
