"""How the answers of two engines are compared."""

import math
from decimal import Decimal


def differences(one, other, path=""):
    """Where two answers differ: counts by one, sums by more than the order of adding costs."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [d for key in one for d in differences(one[key], other[key], f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [d for n, (a, b) in pairs for d in differences(a, b, f"{path}[{n}]")]
    if isinstance(one, float | Decimal) and isinstance(other, float | Decimal):
        same = math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
        both_nan = math.isnan(one) and math.isnan(other)
        return [] if same or both_nan else [f"{path}: {one!r} and {other!r}"]
    return [] if one == other else [f"{path}: {str(one)[:200]} and {str(other)[:200]}"]
