"""A ceiling as a bar: what is spent, where the day is on its way to, and the warnings on it."""

from collections.abc import Sequence

from ops_model.site.words import AMBER, GREEN, GREY, RED

_WIDTH, _HEIGHT, _CEILING_AT = 220, 20, 150
_COLOURS = {"crossed": RED, "page": RED, "ticket": AMBER, "warned": AMBER, "quiet": GREEN}


def bar_svg(
    spent: float | None, projected: float | None, warn_at: Sequence[float], state: str
) -> str:
    """A bar whose line is the ceiling; empty where nothing is known.

    Args:
        spent: the part of the ceiling that is spent.
        projected: the part of it that the day is on its way to.
        warn_at: the parts of it at which somebody is told.
        state: that of the ceiling, which gives the colour.
    """
    if spent is None:
        return ""
    colour = _COLOURS.get(state, GREY)
    drawn = [f'<rect x="0" y="5" width="{_WIDTH}" height="10" fill="{GREY}" fill-opacity=".18"/>']
    if projected is not None:
        drawn.append(
            f'<rect x="0" y="5" width="{_at(projected)}" height="10" fill="{colour}" '
            'fill-opacity=".35"/>'
        )
    drawn.append(f'<rect x="0" y="5" width="{_at(spent)}" height="10" fill="{colour}"/>')
    drawn += [_mark(_at(share), 1, GREY) for share in warn_at if share < 1]
    drawn.append(_mark(_CEILING_AT, 2, GREY))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{"".join(drawn)}</svg>'
    )


def _at(share: float) -> int:
    """Where a part of the ceiling ends; what is far beyond it ends with the bar."""
    return round(min(max(share, 0.0) * _CEILING_AT, _WIDTH))


def _mark(at: int, width: int, colour: str) -> str:
    return f'<rect x="{at}" y="0" width="{width}" height="{_HEIGHT}" fill="{colour}"/>'
