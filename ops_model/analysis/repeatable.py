"""Numbers that another run over the same rows gives again, to the last digit."""


def repeatable(value: float) -> float:
    """Nine significant digits: the order in which threads add floats shows in the sixteenth.

    Another run over the same rows has to give an equal record, or nothing can be reproduced.
    """
    return float(f"{value:.9g}")
