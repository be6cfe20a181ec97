"""How a reader sees statuses, grades, numbers and instants: the same words on every page.

A status is a glyph and a word, never colour alone. A number comes with its n and its interval,
or with the reason why it has none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ops_model.domain.assessment import Finding, NamedValue
from ops_model.domain.evidence import Attestation, Grade, Measured
from ops_model.domain.sign_off import Decision
from ops_model.domain.values import Money
from ops_model.site.named import TOPICS

# At least 4.2:1 on white and on JupyterLab's dark #111, computed by tests/site/test_style.py. No
# colour reaches 4.5 on both, so cards use them bold, for glyph, word and border only.
RED, AMBER, GREEN, GREY = "#dd382d", "#a86a00", "#1a8a43", "#777777"


@dataclass(frozen=True)
class Look:
    """A state as it is shown; `tone` is the class in the site's style sheet."""

    glyph: str
    word: str
    colour: str
    tone: str

    @property
    def text(self) -> str:
        """Glyph and word."""
        return f"{self.glyph} {self.word}"


PASSED = Look("✓", "passed", GREEN, "good")
FAILED = Look("✖", "failed", RED, "bad")
UNKNOWN = Look("?", "unknown", RED, "bad")
ERRORED = Look("!", "check crashed", RED, "bad")
NOT_APPLICABLE = Look("\u2013", "not applicable", GREY, "quiet")
WAIVED = Look("▲", "waived", AMBER, "warn")
STATUSES: Mapping[str, Look] = {
    "passed": PASSED,
    "failed": FAILED,
    "unknown": UNKNOWN,
    "errored": ERRORED,
    "not_applicable": NOT_APPLICABLE,
    "waived": WAIVED,
}
VERDICTS: Mapping[str, Look] = {
    "READY": Look("✓", "READY", GREEN, "good"),
    "CONDITIONAL": Look("▲", "CONDITIONAL", AMBER, "warn"),
    "NOT READY": Look("✖", "NOT READY", RED, "bad"),
    "DEMO ONLY": Look("■", "DEMO ONLY", RED, "bad"),
}
DECISIONS: Mapping[Decision, Look] = {
    "approve": Look("✓", "approved", GREEN, "good"),
    "approve_with_conditions": Look("▲", "approved with conditions", AMBER, "warn"),
    "no_go": Look("✖", "refused", RED, "bad"),
    "abstain": Look("\u2013", "abstained", GREY, "quiet"),
}
"""What a seat of the deploy review decided."""
REASONS: Mapping[str, str] = {
    "missing": "nothing on record",
    "expired": "evidence expired",
    "too_few": "too few rows",
    "below_grade": "evidence below its grade",
}
GRADES: Mapping[Grade, str] = {
    Grade.NONE: "none",
    Grade.DECLARED: "declared",
    Grade.ATTESTED: "attested",
    Grade.OBSERVED: "observed",
    Grade.REPRODUCED: "reproduced",
}
_MINUS, _HELD = "\u2212", "\u00a0"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {
    "seconds": "s", "second": "s", "hours": "h", "hour": "h", "milliseconds": "ms", "share": "%",
    "points": "points", "signed points": "points", "r": "", "rho": "", "score": "",
}  # fmt: skip


def look(finding: Finding) -> Look:
    """How a finding is shown: its status, or `waived` while somebody answers for it."""
    return WAIVED if finding.waived and finding.blocks else STATUSES[finding.status]


def grade(value: Grade) -> str:
    """`E3 observed`."""
    return f"{value.value} {GRADES[value]}"


def topic(said: Attestation) -> str:
    """What somebody attests, in a few words: `handoff accepted: summer`."""
    what = said.handoff or (said.action or "").replace("_", " ")
    return f"{TOPICS[said.topic]}: {what}" if what else TOPICS[said.topic]


def day(value: date) -> str:
    """`22 Jul 2013`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def month(value: date) -> str:
    """`Jul 2013`."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def instant(value: datetime) -> str:
    """`22 Jul 2013, 08:00 UTC`."""
    utc = value.astimezone(ZoneInfo("UTC"))
    return f"{day(utc)}, {utc:%H:%M} UTC"


def number(value: float) -> str:
    """Three digits that matter, thousands parted, a true minus sign: `1,234`, `0.0412`, `-3.2`."""
    size = abs(value)
    if size >= 1000:
        text = f"{value:,.0f}"
    elif value == round(value):
        text = f"{value:.0f}"
    elif size >= 0.0001:
        text = f"{value:.3g}"
    else:
        text = f"{value:.1e}"
    return text.replace("-", _MINUS)


def amount(value: float, unit: str) -> str:
    """A number in its unit: shares as per cent, money to the cent, seconds as `s`."""
    if unit == "answered":
        return "yes" if value else "no"
    return f"{_digits(value, unit)} {_UNITS.get(unit, unit)}".strip()


def _digits(value: float, unit: str) -> str:
    if unit == "share":
        return _per_cent(value).replace("-", _MINUS)
    if unit in {"points", "signed points"}:
        sign = "+" if unit == "signed points" else ""
        text = f"{value * 100:{sign}.1f}"
        # Rounded to nothing it has no side any more.
        return "0.0" if not float(text) else text.replace("-", _MINUS)
    if re.fullmatch(r"[A-Z]{3}", unit):
        return _money(value)
    return number(value)


def _money(value: float) -> str:
    """To the cent; below a tenth of the currency to a hundredth of one, where cents hide it."""
    cents = f"{value:,.2f}"
    if abs(value) < 0.1 and abs(float(cents) - value) >= 0.00005:
        cents = f"{value:.4f}"
    # Rounded to nothing it has no side any more.
    return cents.replace("-", _MINUS) if float(cents.replace(",", "")) else "0.00"


def _per_cent(value: float) -> str:
    """To a tenth of a point; `0` and `100` are exact, what is near them keeps a digit more."""
    if value in {0, 1}:
        return f"{value * 100:.0f}"
    text = f"{value * 100:.1f}"
    if text not in {"0.0", "-0.0", "100.0"}:
        return text
    to_the_end = abs(value if abs(value) < 0.5 else 1 - value) * 100
    places = next((p for p in (2, 3, 4) if round(to_the_end, p)), None)
    return text.replace("-0.0", "0.0") if places is None else f"{value * 100:.{places}f}"


def signed(unit: str) -> str:
    """The unit in which a difference reads best: points with their sign for shares."""
    return "signed points" if unit == "share" else unit


def points(unit: str) -> str:
    """The unit in which a distance reads best: points for shares."""
    return "points" if unit == "share" else unit


def money(amount: Money) -> str:
    """`48,000.00 USD`."""
    return amount.told


def interval(measured: Measured, *, unit: str | None = None) -> str:
    """`95 % interval 78.4 to 80.1 %`, the unit once, or why there is none.

    Bounds that hold for certain are no interval: `at least 147, at most 293 decisions`.
    """
    if measured.low is None or measured.high is None:
        return measured.no_interval or "no interval given"
    shown = unit or measured.unit
    low, high = _digits(measured.low, shown), amount(measured.high, shown)
    if measured.level >= 1:
        return f"at least {low}, at most {high}"
    return f"{measured.level * 100:.0f} % interval {low} to {high}"


def count(measured: Measured) -> str:
    """`n = 12,345`, or that n was not given."""
    return "n not given" if measured.n is None else f"n = {measured.n:,}"


def basis(measured: Measured, *, unit: str | None = None) -> str:
    """What a number rests on: interval or reason, and n."""
    return f"{interval(measured, unit=unit)}, {count(measured)}"


def rests_on(measured: Measured) -> str:
    """The same in short, as checks say it: `n 25,115, 60.4 to 71.1 %`."""
    n = "n not given" if measured.n is None else f"n {measured.n:,}"
    if measured.low is None or measured.high is None:
        return f"{n}, {measured.no_interval or 'no interval given'}"
    low, high = _digits(measured.low, measured.unit), amount(measured.high, measured.unit)
    return f"{n}, {low} to {high}"


def value(measured: Measured, *, unit: str | None = None) -> str:
    """The number alone, or `unknown`; where no more is known, its bounds: `147 to 293 rows`."""
    if measured.between is not None:
        low, high = measured.between
        return f"{_digits(low, unit or measured.unit)} to {amount(high, unit or measured.unit)}"
    return "unknown" if measured.value is None else amount(measured.value, unit or measured.unit)


def full(measured: Measured, *, unit: str | None = None) -> str:
    """The number with what it rests on: `78.4 % (95 % interval 77.0 to 80.1 %, n = 812)`."""
    if measured.between is not None:
        return f"{interval(measured, unit=unit)} ({count(measured)})"
    return f"{value(measured, unit=unit)} ({basis(measured, unit=unit)})"


def brief(measured: Measured, *, unit: str | None = None) -> str:
    """The same for a table that names the interval in its head: `78.4 % (77.0 to 80.1; n 812)`.

    The parts hold together, so that a narrow cell breaks between them.
    """
    n = "n not given" if measured.n is None else f"n {measured.n:,}"
    shown = unit or measured.unit
    if measured.value is None or measured.low is None or measured.high is None:
        between = measured.no_interval or "no interval given"
    else:
        between = f"{_digits(measured.low, shown)} to {_digits(measured.high, shown)}"
    return f"{held(value(measured, unit=unit))} ({held(between)}; {held(n)})"


def held(text: str) -> str:
    """The text with spaces at which no line ends."""
    return text.replace(" ", _HELD)


def named(item: NamedValue) -> str:
    """`seconds: 4.1 s (single timing, n = 1)`, the name without underscores."""
    return f"{item.name.replace('_', ' ')}: {full(item.measured, unit=named_unit(item))}"


def named_unit(item: NamedValue) -> str:
    """The unit in which a finding's number is read: a distance of two shares is in points."""
    unit = item.measured.unit
    return signed(unit) if item.name in _SIGNED else points(unit) if item.name in _SIZES else unit


_SIGNED = frozenset({"change", "rest"})
_SIZES = frozenset({"min_detectable_drop"})


def short_digest(digest: str) -> str:
    """The first twelve hex digits, enough to compare by eye."""
    return digest.removeprefix("sha256:")[:12]


def size(number_of_bytes: int) -> str:
    """`4.1 MB`; decimal prefixes."""
    amount_left = float(number_of_bytes)
    for unit in ("B", "kB", "MB"):
        if amount_left < 1000:
            return f"{amount_left:.0f} {unit}" if unit == "B" else f"{amount_left:.1f} {unit}"
        amount_left /= 1000
    return f"{amount_left:.1f} GB"


def shortened(text: str, longest: int) -> str:
    """The text, cut after a word where it is longer, with a sign that it goes on."""
    if len(text) <= longest:
        return text
    return f"{text[:longest].rsplit(' ', 1)[0].rstrip(' .,;:')} …"


def plural(how_many: int, one: str, several: str = "") -> str:
    """`1 gap`, `2 gaps`."""
    return f"{how_many:,} {one if how_many == 1 else several or one + 's'}"


def notebook_name(stem: str) -> str:
    """`05 drift quality` for `05_drift_quality`."""
    return stem.removesuffix(".ipynb").replace("_", " ")
