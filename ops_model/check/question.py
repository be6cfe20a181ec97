"""A check: one question about a system, its thresholds, and the function that answers it."""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome
from ops_model.domain.evidence import AREAS, Area
from ops_model.domain.system import Tier

ID_PATTERN = re.compile(r"^[A-Z]{2,8}-\d{2}$")

FIVE_QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Who gets paged?", ("ONC-01", "ONC-03", "ONC-04")),
    (
        "What is the rollback, and was it tested in under ten minutes?",
        ("RBK-01", "RBK-02", "RBK-03", "RBK-05"),
    ),
    ("How do we know quality fell before customers do?", ("QLT-01", "QLT-03")),
    ("What is the cost ceiling, today?", ("CST-01", "CST-02")),
    ("What happens when the vendor is down?", ("FBK-01", "FBK-03")),
)
"""The five questions, and the checks that answer each."""
TOLD_BESIDE = {"QLT-01": "QLT-09"}
"""What an answer says besides, after which of its checks; whether it has one hangs on none of it.

That quality is watched is no word of how late a fall is known, which decides who knows it first.
"""


class CrashedError(Exception):
    """A check's answer rests on another check, and that one crashed.

    The judge takes it for a crash of the same kind, so that a fault in one check file is never
    counted as a gap of the system.
    """


@dataclass(frozen=True)
class PerTier:
    """A threshold's default that depends on the system's tier."""

    by_tier: tuple[Any, Any, Any]

    def at(self, tier: Tier) -> Any:  # noqa: ANN401 - the threshold's own type
        """The value at one tier."""
        return self.by_tier["ABC".index(tier)]

    def __str__(self) -> str:
        """`30 / 90 / 180 at tier A / B / C`."""
        return f"{' / '.join(map(str, self.by_tier))} at tier A / B / C"


@dataclass(frozen=True)
class AtLeast:
    """The least that a threshold may be set to at tiers A, B and C; it stands in `Annotated`.

    What holds at every tier is written as a `Field`, with `ge` and `le`.
    """

    by_tier: tuple[float, float, float]


def by_tier(a: Any, b: Any, c: Any) -> Any:  # noqa: ANN401 - stands where a value of the threshold's type stands
    """The default of a threshold at tiers A, B and C, such as 30, 90 and 180 days."""
    return PerTier((a, b, c))


@dataclass(frozen=True)
class Check:
    """One question about one system, and the function that answers it."""

    id: str
    slug: str
    question: str
    area: Area
    source: tuple[str, ...]
    revision: int
    function: Callable[..., Outcome]

    @property
    def group(self) -> str:
        """The letters of the id."""
        return self.id.split("-")[0]

    @cached_property
    def thresholds(self) -> dict[str, inspect.Parameter]:
        """The keyword-only arguments that `policy.yaml` may set."""
        parameters = inspect.signature(self.function).parameters
        return {n: p for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY}

    def __call__(self, ctx: Context, **thresholds: Any) -> Outcome:  # noqa: ANN401 - thresholds have the types of the function
        """Answer the question; a default that depends on the tier takes the system's."""
        tier = ctx.system.identity.tier
        defaults = {name: default.at(tier) for name, default in self._by_tier}
        return self.function(ctx, **{**defaults, **thresholds})

    @cached_property
    def _by_tier(self) -> tuple[tuple[str, PerTier], ...]:
        """The defaults that depend on the tier."""
        defaults = ((name, parameter.default) for name, parameter in self.thresholds.items())
        return tuple((name, given) for name, given in defaults if isinstance(given, PerTier))


def check(
    check_id: str, *, question: str, area: Area, source: Sequence[str], revision: int
) -> Callable[[Callable[..., Outcome]], Check]:
    """Turn a function into a `Check`; registers nothing.

    Raises:
        ValueError: the id has the wrong form, the area is unknown, or the question, the reason
            (docstring), a source row or the revision is missing.
    """

    def wrap(function: Callable[..., Outcome]) -> Check:
        if not ID_PATTERN.match(check_id):
            msg = f"check id {check_id!r}: expected letters, a hyphen and two digits, as RBK-02"
            raise ValueError(msg)
        if area not in AREAS:
            msg = f"check {check_id}: area {area!r} is not one of {', '.join(AREAS)}"
            raise ValueError(msg)
        owed = {
            "a question": question,
            "a reason, which is the docstring of its function": function.__doc__,
            "a source": source,
            "a revision of 1 or more": revision >= 1,
        }
        if lacking := [what for what, given in owed.items() if not given]:
            msg = f"check {check_id} lacks {' and '.join(lacking)}"
            raise ValueError(msg)
        return Check(
            check_id, function.__name__, question, area, tuple(source), revision, function
        )

    return wrap
