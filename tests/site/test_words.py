from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ops_model.domain.assessment import NamedValue
from ops_model.domain.evidence import Grade, Measured
from ops_model.domain.values import Money
from ops_model.site import words
from tests.site.samples import finding

MINUS = "\u2212"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.8234, "share", "82.3 %"),
        (1.0, "share", "100 %"),
        (0.9996, "share", "99.96 %"),
        (0.0003, "share", "0.03 %"),
        (-0.0003, "share", f"{MINUS}0.03 %"),
        (1 - 1e-9, "share", "100.0 %"),
        (-0.0003, "signed points", "0.0 points"),
        (0.0003, "signed points", "0.0 points"),
        (0.0003, "points", "0.0 points"),
        (-0.705, "r", f"{MINUS}0.705"),
        (0.00096, "tv", "0.00096 tv"),
        (-0.082, "signed points", f"{MINUS}8.2 points"),
        (0.014, "signed points", "+1.4 points"),
        (0.014, "points", "1.4 points"),
        (1041.2, "USD", "1,041.20 USD"),
        (1.4837, "seconds", "1.48 s"),
        (412.0, "seconds", "412 s"),
        (12345.6, "rows", "12,346 rows"),
        (0.00004, "sd", f"4.0e{MINUS}05 sd"),
        (0.0, "hours", "0 h"),
    ],
)
def test_an_amount_is_written_in_its_unit(value, unit, shown):
    assert words.amount(value, unit) == shown


def test_a_number_stands_with_its_interval_and_n():
    measured = Measured(value=0.75, unit="share", n=812, low=0.74, high=0.76)

    assert words.full(measured) == "75.0 % (95 % interval 74.0 to 76.0 %, n = 812)"


def test_a_number_of_which_only_bounds_are_known_says_both_and_no_interval():
    counted = Measured(value=293, unit="decisions", n=293, low=147, high=293, level=1.0)

    assert words.full(counted) == "at least 147, at most 293 decisions (n = 293)"
    assert words.value(counted) == "147 to 293 decisions"
    assert words.basis(counted) == "at least 147, at most 293 decisions, n = 293"


def test_a_number_without_interval_says_why():
    measured = Measured(value=4.1, unit="seconds", n=1, no_interval="single timing")

    assert words.full(measured) == "4.1 s (single timing, n = 1)"


def test_a_number_that_gives_neither_n_nor_interval_says_so():
    assert words.full(Measured(value=4, unit="seconds")) == "4 s (no interval given, n not given)"


def test_a_narrow_cell_breaks_between_a_number_and_what_it_rests_on_and_nowhere_else():
    measured = Measured(value=0.75, unit="share", n=8120, low=0.74, high=0.76)

    assert words.brief(measured).split(" ") == [
        "75.0\u00a0%",
        "(74.0\u00a0to\u00a076.0;",
        "n\u00a08,120)",
    ]
    assert words.brief(Measured(value=4, unit="h", n=1, no_interval="exact")).split(" ") == [
        "4\u00a0h", "(exact;", "n\u00a01)",
    ]  # fmt: skip


def test_a_missing_value_is_unknown_and_not_zero():
    measured = Measured(value=None, unit="share", n=3, no_interval="too few")

    assert words.full(measured) == "unknown (too few, n = 3)"


def test_the_name_of_a_value_is_read_without_underscores():
    value = NamedValue(
        name="data_age", measured=Measured(value=2, unit="hours", n=1, no_interval="exact")
    )

    assert words.named(value) == "data age: 2 h (exact, n = 1)"


def test_an_instant_is_shown_in_utc_whatever_its_zone():
    local = datetime(2013, 7, 22, 4, tzinfo=timezone(timedelta(hours=-4)))

    assert words.instant(local) == "22 Jul 2013, 08:00 UTC"
    assert words.instant(local) == words.instant(local.astimezone(UTC))


def test_a_day_names_its_month():
    assert words.day(date(2013, 3, 1)) == "1 Mar 2013"


def test_a_grade_comes_with_its_word():
    assert [words.grade(g) for g in Grade] == [
        "E0 none", "E1 declared", "E2 attested", "E3 observed", "E4 reproduced",
    ]  # fmt: skip


def test_every_status_has_a_glyph_of_its_own():
    glyphs = [look.glyph for look in words.STATUSES.values()]

    assert len(set(glyphs)) == len(glyphs) == 6


def test_a_waived_failure_is_shown_as_waived_and_a_waived_pass_as_passed():
    assert words.look(finding(status="failed", waived=True)).word == "waived"
    assert words.look(finding(status="passed", waived=True)).word == "passed"


@pytest.mark.parametrize(
    ("how_many", "shown"), [(0, "0 B"), (999, "999 B"), (9_412_880, "9.4 MB"), (2e9, "2.0 GB")]
)
def test_sizes_are_decimal(how_many, shown):
    assert words.size(how_many) == shown


def test_a_long_text_is_cut_after_a_word_and_says_that_it_goes_on():
    assert words.shortened("one two three", 13) == "one two three"
    assert words.shortened("one two, three", 12) == "one two …"


def test_money_is_told_to_the_cent_with_thousands_parted():
    assert words.money(Money(amount="48000", currency="USD")) == "48,000.00 USD"
