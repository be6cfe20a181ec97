"""Amounts in whole cents whose parts add up, as a person who checks a page by hand expects."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


def whole_cents(amount: float | Decimal) -> Decimal:
    """The amount to the cent; half a cent goes to the even one, as it is printed."""
    return Decimal(amount).quantize(CENT, ROUND_HALF_EVEN)


def cents_adding_up(parts: Sequence[float | Decimal], total: Decimal) -> tuple[Decimal, ...]:
    """Each part in whole cents, so that they add up to the total; the largest remainders go up.

    Args:
        parts: amounts that add up to the total, but for its rounding.
        total: in whole cents.

    Raises:
        ValueError: the parts add up to something else.
    """
    exact = [Decimal(part) for part in parts]
    cents = [part.quantize(CENT, ROUND_FLOOR) for part in exact]
    short = int((total - sum(cents, Decimal(0))) / CENT)
    if not -1 <= short <= len(parts) + 1 or (short and not parts):
        msg = f"the parts add up to {sum(exact):.4f}; expected {total}"
        raise ValueError(msg)
    order = sorted(range(len(parts)), key=lambda place: (cents[place] - exact[place], place))
    while short:
        step = 1 if short > 0 else -1
        for place in order if step > 0 else reversed(order):
            if short:
                cents[place] += step * CENT
                short -= step
    return tuple(cents)
