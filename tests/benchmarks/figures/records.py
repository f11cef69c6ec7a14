"""Records with arbitrary results."""

from benchmarks.figures.results import Load, Paced, Record, Run, Sample, Start


def sample(throughput: float, cpu: float = 100.0, busy: float = 1.0) -> Sample:
    return Sample(throughput=throughput, p50=1_000, p99=2_000, cpu=cpu, busy=busy)


def record(load: Load, *throughputs: float) -> Record:
    return Record(
        samples={load.key: [sample(throughput) for throughput in throughputs]},
        paced=[Paced(rate=700, p50=100, p99=250, calm_p99=200, late=5, stalls=0)],
        starts=[Start(ready=0.5, resident=[70, 30])],
    )


def run(records: dict[str, Record]) -> Run:
    return Run(date="2026-01-02", machine="2 cores", model="m 0123", rounds=3, seconds=5, records=records)
