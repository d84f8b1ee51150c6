"""The basket of a shop that exists for the tests of the Search tab alone."""

from decimal import Decimal


class Basket:
    """What a customer is about to buy."""

    def __init__(self) -> None:
        self.lines: dict[str, tuple[int, Decimal]] = {}

    def add_item(self, name: str, price: Decimal, quantity: int = 1) -> None:
        """Put an article into the basket, or more of one that is there."""
        held, _ = self.lines.get(name, (0, price))
        self.lines[name] = (held + quantity, price)

    def remove_item(self, name: str) -> None:
        """Take an article out again; one that is not there is no error."""
        self.lines.pop(name, None)

    def total(self) -> Decimal:
        """Return what the whole basket costs before any voucher."""
        return sum((price * held for held, price in self.lines.values()), Decimal(0))


def apply_voucher(total: Decimal, percent: int) -> Decimal:
    """Return a total lowered by a voucher, never below zero."""
    lowered = total * (100 - percent) / 100
    return max(lowered, Decimal(0))
