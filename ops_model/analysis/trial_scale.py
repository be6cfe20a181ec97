"""Between which ends the scores of a trial lie, and whether both arms are on one scale."""

Span = tuple[float, float]
_USUAL_ENDS = (1.0, 5.0, 10.0, 100.0)
_APART = 10
"""Where one arm's best is a tenth of the other's worst, they are hardly of one scale."""


def ends_of(span: Span) -> Span:
    """The lowest and the highest score that is possible, by those that were seen.

    The same answers in shares and in percent lie as far from the ends of their scale. Of scores
    that have no usual end it is those that were seen.
    """
    low, high = span
    end = next((end for end in _USUAL_ENDS if low >= 0 and high <= end), None)
    return span if end is None else (0.0, end)


def on_two_scales(one: Span, other: Span) -> bool:
    """True where one arm was surely scored in other units, such as shares and percent."""
    less, more = sorted((one, other))
    return less[0] >= 0 and 0 < less[1] <= 1 < more[0] and more[0] >= _APART * less[1]
