"""When a change counts as drift: material, more than chance, unusual here, and two windows long.

Four limits, of which the highest decides: a floor that somebody would act on; what few rows alone
can do; and as far as two blocks of the reference (a day or a week each) lie apart at most, times
`FACTOR`. A window that passes them counts once the window that ended one block earlier
passed them too; where there is none yet, it has to pass `FACTOR_ALONE`. docs/decisions/0033 says
why, and how `FACTOR` was found.
"""

from dataclasses import dataclass

FLOOR = 0.1
FLOOR_SHARE = 0.02
FACTOR = 1.25
"""How much farther than two blocks of its reference lie apart a window has to lie from it.

Replays of blocks in random order, in which nothing changed, give at most one alert per model and
quarter, over all columns together: tests/benchmarks/bench_drift.py.
"""
FACTOR_ALONE = 2.0
"""The same of a window that none before it can confirm: alone, chance passes more often."""
FAR_TIMES, FAR_SHARE = 10, 0.5
"""So many times its floor, and of what cannot pass 1 half of it at most, is far by any measure."""
HOPELESS = 1.0
"""A share or a distance of this size cannot be passed: where blocks lie so, nobody can tell."""


@dataclass(frozen=True)
class Question:
    """One question about a column: how much it moved, and from where on that matters.

    `before` is the same of the window before, None where there is none that could say. `band` is
    how far the reference's own blocks lie apart, None where these are too few. `bounded` is true
    of what cannot pass 1. `factor` stands in for `FACTOR` or `FACTOR_ALONE`.
    """

    words: str
    value: float
    floor: float
    chance: float
    band: float | None
    before: float | None = None
    bounded: bool = True
    factor: float | None = None

    @property
    def times(self) -> float:
        """What the band is multiplied by: more where no window before can confirm."""
        if self.factor is not None:
            return self.factor
        return FACTOR if self.before is not None else FACTOR_ALONE

    @property
    def beyond_blocks(self) -> float:
        """The band times the factor.

        What cannot pass 1 comes nearer to 1 by the factor instead where that is less: a limit that
        nothing can reach would be a promise never to alert.
        """
        if self.band is None:
            return 0.0
        far = self.band * self.times
        return min(far, 1 - (1 - self.band) / self.times) if self.bounded else far

    @property
    def limit(self) -> float:
        """What the value has to pass."""
        return max(self.floor, self.chance, self.beyond_blocks)

    @property
    def hopeless(self) -> bool:
        """True when no value could pass the limit."""
        return self.bounded and self.limit >= HOPELESS

    @property
    def hidden(self) -> bool:
        """True when it is far by any measure, and only its own blocks keep it from counting.

        A reference that moves so much itself tells neither that this is drift nor that it is none.
        """
        far = FAR_TIMES * self.floor
        far = min(far, FAR_SHARE) if self.bounded else far
        return self.band is not None and far <= self.value <= self.beyond_blocks

    @property
    def passed(self) -> bool:
        """True when this window passes the limit."""
        return self._passes(self.value)

    @property
    def drifted(self) -> bool:
        """True when this window passes the limit, and the one before did, if there is one."""
        return self.passed and (self.before is None or self._passes(self.before))

    def _passes(self, value: float) -> bool:
        return value >= self.floor and value > max(self.chance, self.beyond_blocks)

    def __str__(self) -> str:
        said = f"{self.words} {self.value:.3g}"
        if self.passed:
            return f"{said} is {self._above()}{self._before()}"
        if self.value < self.floor:
            return f"{said} is below the floor {self.floor:.3g}"
        if self.value > self.beyond_blocks:
            return (
                f"{said} is above the floor {self.floor:.3g}, but so few rows differ by up to "
                f"{self.chance:.3g} by chance"
            )
        return f"{said} is above the floor {self.floor:.3g}, but {self._blocks()}"

    def _above(self) -> str:
        if self.band is not None:
            return f"above the limit {self.limit:.3g} ({self._blocks()})"
        if self.limit > self.floor:
            return f"above what so few rows do by chance ({self.limit:.3g})"
        return f"at or above the floor {self.floor:.3g}"

    def _blocks(self) -> str:
        band = self.band or 0.0
        how = (
            f"which times {self.times:g} is"
            if self.beyond_blocks == band * self.times
            else "which leaves"
        )
        apart = f"the reference's own blocks lie up to {band:.3g} apart"
        return f"{apart}, {how} {self.beyond_blocks:.3g}"

    def _before(self) -> str:
        if self.before is None:
            return "; no window before this one can confirm it"
        earlier = f"{self.before:.3g}"
        if self.drifted:
            return f", and was one block earlier ({earlier})"
        return f"; one block earlier it was {earlier}: it counts once the next window shows it too"
