"""Charging cards and giving money back, in a shop that exists for tests alone."""

import time

RETRIES = 3


class Declined(Exception):
    """The bank said no."""


def charge_card(number: str, cents: int, bank) -> str:
    """Charge a credit card and return the bank's receipt, trying again when the line is busy."""
    for attempt in range(RETRIES):
        answer = bank.charge(number, cents)
        if answer.busy:
            time.sleep(2**attempt)
            continue
        if not answer.accepted:
            raise Declined(answer.reason)
        return answer.receipt
    raise Declined("The bank did not answer.")


def refund(receipt: str, cents: int, bank) -> None:
    """Give money back for a receipt; more than was paid is refused by the bank."""
    bank.give_back(receipt, cents)
