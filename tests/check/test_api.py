from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    by_tier,
    check,
    failed,
    not_applicable,
    old_as,
    passed,
    said,
    short_of_words,
    unknown,
    unsaid,
)
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Where
from tests.builders import AS_OF, a_model, a_system, an_evidence, people_but

HERE = Where(path="systems/x/cost.yaml", line=3)
THERE = Where(path="systems/x/cost.yaml", line=9)


def test_a_pass_that_looked_at_nothing_cannot_be_built():
    with pytest.raises(ValueError, match="without having looked at anything"):
        passed("fine", looked_at=[])
    with pytest.raises(ValueError, match="without having looked at anything"):
        Outcome("passed", "fine")


@pytest.mark.parametrize(
    "build",
    [
        lambda: failed("bad", looked_at=[HERE], remedy=""),
        lambda: unknown("missing", "bad", looked_at=[HERE], remedy=""),
        lambda: Outcome("failed", "bad", (HERE,)),
    ],
)
def test_a_gap_without_a_remedy_cannot_be_built(build):
    with pytest.raises(ValueError, match="owes a remedy"):
        build()


@pytest.mark.parametrize("status", ["errored", "not_applicable"])
def test_a_check_cannot_say_that_it_crashed_or_say_nothing(status):
    with pytest.raises(
        ValueError, match="says passed, failed, unknown or not_applicable, and why"
    ):
        Outcome(status, "" if status == "not_applicable" else "x", (HERE,))


def test_an_unknown_says_why_it_is_not_known():
    with pytest.raises(ValueError, match="says why"):
        Outcome("unknown", "bad", (HERE,), "do this")


@pytest.mark.parametrize(
    ("change", "doc", "said"),
    [
        ({"question": ""}, "Why.", "check ACME-01 lacks a question"),
        ({}, None, "check ACME-01 lacks a reason, which is the docstring of its function"),
        ({"source": []}, "Why.", "check ACME-01 lacks a source"),
        ({"revision": 0}, "Why.", "check ACME-01 lacks a revision of 1 or more"),
        (
            {"question": "", "revision": 0},
            "Why.",
            "check ACME-01 lacks a question and a revision of 1 or more",
        ),
    ],
)
def test_what_a_check_lacks_is_named_and_nothing_else(change, doc, said):
    def function(ctx):
        return passed("fine", looked_at=[HERE])

    function.__doc__ = doc
    given = {"question": "Is it so?", "area": "cost", "source": ["own"], "revision": 1, **change}

    with pytest.raises(ValueError, match=f"^{said}$"):
        check("ACME-01", **given)(function)


def test_all_of_nothing_is_refused():
    with pytest.raises(ValueError, match="all of nothing"):
        all_of([])


def test_all_is_as_good_as_the_worst_and_says_every_failure():
    good = passed("a holds", looked_at=[HERE])
    one = failed("b is open", looked_at=[HERE], remedy="close b")
    two = failed("c is open", looked_at=[THERE], remedy="close c")

    worst = all_of([good, one, two])

    assert worst.status == "failed"
    assert worst.message == "b is open; c is open"
    assert worst.remedy == "close b; close c"
    assert worst.looked_at == (HERE, THERE)


def test_all_passes_with_everything_shown_and_ends_with_the_first_that_ends():
    soon = passed("a holds", looked_at=[HERE], valid_until=AS_OF)
    later = passed("b holds", looked_at=[THERE], valid_until=AS_OF.replace(year=2014))
    aside = not_applicable("c does not arise")

    both = all_of([later, soon, aside])

    assert (both.status, both.message) == ("passed", "b holds; a holds")
    assert both.looked_at == (THERE, HERE)
    assert both.valid_until == AS_OF


def test_a_default_by_tier_is_that_of_the_system():
    @check("ACME-01", question="How many?", area="cost", source=["own"], revision=1)
    def how_many(ctx: Context, *, days: int = by_tier(1, 2, 3)) -> Outcome:
        """To see the value."""
        return passed(str(days), looked_at=[HERE])

    system = a_system(tier="C")
    ctx = Context(system, a_model(system), an_evidence(), AS_OF)

    assert how_many(ctx).message == "3"
    assert how_many(ctx, days=7).message == "7"
    assert str(how_many.thresholds["days"].default) == "1 / 2 / 3 at tier A / B / C"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Measured(value=0.8123, unit="share", n=1204, low=0.79, high=0.834),
         "81.2 % (n 1,204, 79 to 83.4 %)"),
        (Measured(value=42.0, unit="s", n=1, no_interval="single timing"),
         "42 s (n 1, single timing)"),
        (Measured(value=12345.6, unit="rows", n=3, no_interval="exact"),
         "12,346 rows (n 3, exact)"),
        (Measured(value=None, unit="share", n=0, no_interval="too few"),
         "not known (n 0, too few)"),
        (Measured(value=0.0, unit="h"), "0 h"),
    ],
)  # fmt: skip
def test_a_number_is_said_with_unit_n_and_interval(number, text):
    assert said(number) == text


def test_a_number_of_which_only_bounds_are_known_is_said_by_both():
    counted = Measured(value=293, unit="decisions", n=293, low=147, high=293, level=1.0)
    share = Measured(value=0.2, unit="share", n=10, low=0.1, high=0.3, level=1.0)

    assert said(counted) == "between 147 and 293 decisions (n 293)"
    assert said(share) == "between 10 and 30 % (n 10)"
    assert said(counted.model_copy(update={"level": 0.95})) == "293 decisions (n 293, 147 to 293)"


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("ana-ruiz", ""),
        (None, "nobody is named"),
        ("gone", "gone is nobody in people.yaml"),
        ("data-team", "data-team is a team, not a person"),
        ("bo-li", "bo-li works here only from 2013-08-01"),
    ],
)
def test_who_can_answer_is_a_person_who_works_here_on_that_day(person, why):
    system = a_system()
    model = a_model(system, people=people_but("bo-li", active_from="2013-08-01"))

    assert Context(system, model, an_evidence(), AS_OF).why_not_active(person) == why


def test_today_and_its_end_are_the_organisation_s_whatever_offset_as_of_was_written_with():
    # 03:00 on the 22nd in UTC is still the evening of the 21st in New York.
    written = datetime(2013, 7, 22, 12, tzinfo=timezone(timedelta(hours=9)))
    system = a_system()

    ctx = Context(system, a_model(system, zone="America/New_York"), an_evidence(), written)

    assert ctx.today == date(2013, 7, 21)
    assert ctx.end_of(ctx.today) == datetime(2013, 7, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b c d", 0),
        ("a a a a", 0),
        ("same same same same", 1),
        ("It is a test", 4),
        ("I ran A/B tests in May", 6),
        ("... -- ...", 0),
        ("当番が手順書を読む", 4),
    ],
)
def test_a_sentence_has_words_and_not_letters_or_the_same_word_again(text, words):
    assert short_of_words(text, words) == ""
    assert short_of_words(text, words + 1).startswith(f"it has {words} word")


@pytest.mark.parametrize("text", ["none", "Never.", "TBD", "x", "- x -", "无"])
def test_a_text_without_a_word_of_its_own_tells_nobody_anything(text):
    assert unsaid(text) == f"{text!r} says nothing"


@pytest.mark.parametrize("text", [None, "24/7", "no later than noon", "当番", "rate > 2 %"])
def test_a_text_with_one_word_tells_something_and_so_does_none_at_all(text):
    assert unsaid(text) == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(6, "6 s"), (90, "1.5 min"), (3600, "1 h"), (86_400, "24 h"), (259_200, "3 days")],
)
def test_an_age_is_told_in_the_unit_that_suits_it(seconds, said):
    assert old_as(timedelta(seconds=seconds)) == said
