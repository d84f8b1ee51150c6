"""What the process uses and the model keeps, for Prometheus: read when it is asked.

What is not measured has no series, so that nobody takes it for 0.
"""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.memory.kept import Memory
from core.telemetry.sampler import Reading
from core.telemetry.watch import Telemetry

# name, field, what it is; those that end in _total only ever grow.
PROCESS = (
    ("plumbline_memory_resident_bytes", "rss_bytes", "Memory of this process."),
    ("plumbline_memory_anonymous_bytes", "anonymous_bytes", "Memory that it alone holds."),
    ("plumbline_memory_file_bytes", "file_bytes", "Mapped files in memory, reclaimable."),
    ("plumbline_memory_swap_bytes", "swap_bytes", "Memory of it in swap."),
    ("plumbline_memory_card_bytes", "vram_bytes", "Memory of it on NVIDIA cards."),
    ("plumbline_processor_percent", "cpu_percent", "Percent of one core in the last second."),
    ("plumbline_disk_read_bytes_total", "read_bytes", "Bytes it read from the disk."),
    ("plumbline_disk_written_bytes_total", "written_bytes", "Bytes it wrote to the disk."),
)
COUNTS = (
    ("plumbline_kv_evicted_bytes_total", "evicted_bytes", "Bytes moved from memory to flash."),
    ("plumbline_kv_read_bytes_total", "read_bytes", "Bytes read back from flash."),
    ("plumbline_kv_written_bytes_total", "written_bytes", "Bytes written to flash."),
    ("plumbline_kv_damaged_total", "damaged", "Pieces on flash found damaged."),
    ("plumbline_kv_failed_writes_total", "failed_writes", "Writes that the disk refused."),
)


class Gauges(Collector):
    """Collects from the telemetry."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def describe(self) -> list[Metric]:
        """Promise no names beforehand, since what is there hangs on what can be measured."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield what is known now."""
        yield from _process(self._telemetry.reading())
        memory = self._telemetry.memory()
        if memory is not None:
            yield from _kept(memory)


def _process(reading: Reading) -> Iterator[Metric]:
    for name, field, text in PROCESS:
        value = getattr(reading, field)
        if value is not None:
            yield _family(name, text, value)


def _kept(memory: Memory) -> Iterator[Metric]:
    tiers, counts = memory.tiers, memory.counts
    held = GaugeMetricFamily(
        "plumbline_kv_bytes", "Keys and values by where they lie.", labels=["tier"]
    )
    places = ("vram", "ram", "flash") if memory.keeper == "flash" else ("vram", "ram")
    for place in places:
        held.add_metric([place], getattr(tiers, place))
    yield held
    tokens = CounterMetricFamily(
        "plumbline_kv_prompt_tokens", "Prompt tokens by where they came from.", labels=["source"]
    )
    tokens.add_metric(["memory"], counts["reused_memory"])
    tokens.add_metric(["flash"], counts["reused_flash"])
    tokens.add_metric(["computed"], counts["recomputed"])
    yield tokens
    lookups = CounterMetricFamily(
        "plumbline_kv_lookups", "Conversations looked for, by where they were.", labels=["found"]
    )
    for found, name in (("memory", "hits_memory"), ("flash", "hits_flash"), ("nothing", "misses")):
        lookups.add_metric([found], counts[name])
    yield lookups
    if memory.keeper == "flash":
        for name, field, text in COUNTS:
            yield _family(name, text, counts[field])


def _family(name: str, text: str, value: float) -> Metric:
    if name.endswith("_total"):
        return CounterMetricFamily(name.removesuffix("_total"), text, value=value)
    return GaugeMetricFamily(name, text, value=value)
