"""What a sample costs: estimated GPU seconds and the price of a thousand like it.

Prices come from the PRICES setting. It knows tokens and seconds; a model whose price nobody
gave has none, which is not free.
"""

from core.prices import Price
from core.records import Sample
from eval.scorers.conduct import used
from eval.scorers.scorer import Case, Found, Given

SAMPLES = 1000


def gpu_seconds(case: Case) -> Found:
    """Return the seconds a GPU worked for the sample, estimated.

    The time of its model calls, divided by how many answers were made at once. A server whose
    device is unknown counts as one GPU; a model on a CPU takes none and is unscored.
    """
    device = case.given.card.device if case.given.card else None
    if not case.sample.usage:
        return Found(None, why="No model was called.")
    if device is not None and not device.startswith(("cuda", "mps", "gpu")):
        return Found(None, why=f"The model ran on: {device}.")
    seconds = sum(usage.total_s for usage in case.sample.usage) / max(1, case.given.at_once)
    note = {} if device else {"note": "The server's device is unknown; it is counted as one GPU."}
    return Found(seconds, details={"at_once": case.given.at_once, **note})


def price(case: Case) -> Found:
    """Return the dollars that a thousand such samples cost, by the price table."""
    name = case.given.card.name if case.given.card else ""
    table = case.given.settings.price_table if case.given.settings else {}
    rate = table.get(name)
    if rate is None:
        return Found(None, why=f"PRICES has no price for the model {name or 'that answered'}.")
    dollars, why = _dollars(rate, case.sample, case.given)
    if dollars is None:
        return Found(None, why=why)
    return Found(dollars * SAMPLES, details={"model": name, "rate": rate.text})


def _dollars(rate: Price, sample: Sample, given: Given) -> tuple[float | None, str]:
    if not sample.usage:
        return None, "No model was called."
    if rate.hour is not None:
        seconds = sum(usage.total_s for usage in sample.usage) / max(1, given.at_once)
        return seconds / 3600 * rate.hour, ""
    counted = used(sample)
    if counted is None:
        return None, "The tokens were not counted."
    read, wrote = counted
    return (read * rate.read + wrote * rate.write) / 1_000_000, ""
