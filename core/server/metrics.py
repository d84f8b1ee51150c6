"""What the server counts, in a registry of its own, for Prometheus to read at /metrics.

It knows names and labels. Labels come from fixed sets (route patterns, statuses), never from
what a caller sends.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from core.messages import Usage
from core.server.limits import Slots

BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """Counters of requests, answers and tokens."""

    def __init__(self, slots: Slots) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "plumbline_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "plumbline_request_seconds",
            "Time from the request's arrival to the end of its response.",
            ["route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._answers = Counter(
            "plumbline_answers",
            "Model calls by how they ended.",
            ["finish"],
            registry=self.registry,
        )
        self._tokens = Counter(
            "plumbline_tokens",
            "Tokens read and written, where measured.",
            ["direction"],
            registry=self.registry,
        )
        self._first = Histogram(
            "plumbline_first_token_seconds",
            "Time to the first token, where measured.",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._gauge("plumbline_answers_active", "Answers being written now.", slots, "active")
        self._gauge("plumbline_answers_waiting", "Requests waiting for a slot.", slots, "waiting")

    def _gauge(self, name: str, text: str, slots: Slots, field: str) -> None:
        gauge = Gauge(name, text, registry=self.registry)
        gauge.set_function(lambda: float(getattr(slots, field)))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, usages: Iterable[Usage]) -> None:
        """Count the model calls of an answer."""
        for usage in usages:
            self._answers.labels(usage.finish).inc()
            if usage.tokens_in is not None:
                self._tokens.labels("in").inc(usage.tokens_in)
            if usage.tokens_out is not None:
                self._tokens.labels("out").inc(usage.tokens_out)
            if usage.first_token_s is not None:
                self._first.observe(usage.first_token_s)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)
