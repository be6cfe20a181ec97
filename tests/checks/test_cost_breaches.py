from datetime import timedelta

import pytest

from ops_model.domain.spend import DayCost
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, a_spend, exact, people_but
from tests.checks.judged import but, judged, lacking
from tests.shown_running import a_breach, a_breach_log, a_state, a_watch

DAILY = AREAS["cost"]["ceilings"][0]
CROSSED = AS_OF - timedelta(days=3)
MINUTE = timedelta(minutes=1)


def one_day_over(*breaches, log=None, **changes):
    """One of 91 days was above the ceiling, and the log holds these breaches."""

    def records(system):
        spent = but(a_spend, days_over_ceiling=1, **changes)(system)
        return (*spent, a_breach_log(system, *breaches, **(log or {})))

    return records


def test_cst_04_passes_when_no_day_was_above_the_ceiling():
    finding = judged("CST-04")

    assert finding.status == "passed"
    assert finding.message == "no day of 91 days was above a ceiling"
    # the newest row is an hour old, and may be a day old
    assert finding.valid_until == AS_OF + timedelta(hours=23)


def test_cst_04_passes_when_the_day_was_told_and_acted_on_in_time():
    finding = judged("CST-04", records=one_day_over(a_breach()))

    assert finding.status == "passed"
    assert finding.message == (
        "1 time above a ceiling in 91 days, each told and acted on in time, or accepted"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"told_at": None}, "daily on 2013-07-19: was not told"),
        ({"told_at": CROSSED + 31 * MINUTE}, "told after 31 min; expected at most 30"),
        ({"action_at": None, "action": None}, "was not acted on"),
        ({"action_at": CROSSED + 61 * MINUTE}, "acted on after 61 min; expected at most 60"),
        ({"action": "page_only"}, "page only was done; the ceiling says throttle"),
        ({"told_at": CROSSED - MINUTE}, "told at 2013-07-19T07:59:00Z, before it was crossed"),
        (
            {"action_at": CROSSED - timedelta(days=400)},
            "acted on at 2012-06-14T08:00:00Z, before it was crossed",
        ),
        ({"action": None}, "acted on at 2013-07-19T08:10:00Z, and by what is not written"),
        (
            {"crossed_at": CROSSED - timedelta(days=1), "action_at": CROSSED, "told_at": CROSSED},
            "daily on 2013-07-19: crossed at 2013-07-18T08:00:00Z, which is another day",
        ),
    ],
)
def test_cst_04_fails_when_a_day_above_the_ceiling_passed_by(change, said):
    finding = judged("CST-04", records=one_day_over(a_breach(**change)))

    assert finding.status == "failed"
    assert said in finding.message


def test_cst_04_fails_when_the_log_does_not_know_of_the_day():
    finding = judged("CST-04", records=one_day_over())

    assert finding.status == "failed"
    assert finding.message == "1 of 1 days above the ceiling told nobody"


def test_cst_04_fails_when_the_log_holds_other_days_than_those_above_the_ceiling():
    """The 19th is above the ceiling, and the log speaks of the 18th, or of a day of last year."""
    above = one_day_over_by_days(a_breach())

    assert judged("CST-04", records=above).status == "passed"
    for days in (1, 400):
        at = CROSSED - timedelta(days=days)
        other = a_breach(day=at.date(), crossed_at=at, told_at=at, action_at=at)
        assert judged("CST-04", records=one_day_over_by_days(other)).message == (
            "1 of 1 days above the ceiling told nobody"
        )
    assert judged("CST-04", records=one_day_over(other)).status == "failed"


def one_day_over_by_days(*breaches):
    return one_day_over(*breaches, days=days_of(500, 30, 30))


UNTOLD = {"told_at": None, "action": None, "action_at": None}


def test_cst_04_passes_when_whoever_may_raise_the_ceiling_accepted_the_day():
    accepted = a_breach(**UNTOLD, accepted_by="ed-fin")

    assert judged("CST-04", records=one_day_over(accepted)).status == "passed"


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ({}, "accepted by cy-data, who does not hold raise_cost_ceiling; expected ed-fin"),
        ({"decisions": {"rights": []}}, "decisions.yaml gives nobody the right"),
    ],
)
def test_cst_04_fails_when_the_day_was_accepted_by_somebody_who_may_not(areas, said):
    accepted = a_breach(**UNTOLD, accepted_by="cy-data")

    finding = judged("CST-04", records=one_day_over(accepted), **areas)

    assert finding.status == "failed"
    assert said in finding.message


def test_cst_04_fails_when_the_day_was_accepted_by_somebody_who_had_left():
    accepted = a_breach(**UNTOLD, accepted_by="ed-fin")
    gone = people_but("ed-fin", active_to="2013-07-01")

    finding = judged("CST-04", records=one_day_over(accepted), people=gone)

    assert finding.status == "failed"
    assert "who did not work here at 2013-07-19T08:00:00Z" in finding.message


def test_cst_04_passes_for_a_breach_of_just_now_until_its_time_is_over():
    now = AS_OF - 10 * MINUTE
    fresh = a_breach(day=now.date(), crossed_at=now, **UNTOLD)

    finding = judged("CST-04", records=one_day_over(fresh))

    assert finding.status == "passed"
    # crossed ten minutes ago, to be told within thirty
    assert finding.valid_until == AS_OF + 20 * MINUTE


def test_cst_04_passes_for_a_ceiling_that_only_pages_when_somebody_was_paged():
    paged = a_breach(action=None, action_at=None)
    ceiling = {**DAILY, "hard_action": "page_only"}

    finding = judged("CST-04", cost={"ceilings": [ceiling]}, records=one_day_over(paged))

    assert finding.status == "passed"


def test_cst_04_is_unknown_when_the_log_does_not_reach_back_so_far():
    finding = judged("CST-04", records=one_day_over(log={"days": 7}))

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "the log of what was done reaches back 7 days" in finding.message


def test_cst_04_is_unknown_when_a_day_was_above_the_ceiling_and_there_is_no_log():
    finding = judged("CST-04", records=but(a_spend, days_over_ceiling=2))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "2 days of 91 days above the ceiling, and no such measurement" in finding.message


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        ({"unpriced_rows": 3}, "too_few", "3 rows have no price"),
        ({"newest_row": None}, "too_few", "has no row"),
        ({"ceiling_per_day": None}, "too_few", "no ceiling to hold the days against"),
        (
            {"ceiling_per_day": exact(1e9, "USD")},
            "too_few",
            "against 1,000,000,000.00 USD (n 1, exact) per day; the ceiling is 100.00 now",
        ),
        (
            {"last_full_day": exact(5000, "USD", 24)},
            "too_few",
            "counts 0 days over the ceiling, and by its own numbers 2013-07-21 cost more",
        ),
        (
            {"newest_row": AS_OF + timedelta(days=3000)},
            "too_few",
            "after the measurement of 2013-07-22",
        ),
        ({"newest_row": AS_OF - timedelta(hours=25)}, "expired", "is 25 h old"),
        (
            {"window": Window(start=AS_OF - timedelta(days=7), end=AS_OF)},
            "too_few",
            "has 7 days; expected at least 28",
        ),
    ],
)
def test_cst_04_is_unknown_when_spend_cannot_tell(change, reason, said):
    finding = judged("CST-04", records=but(a_spend, **change))

    assert (finding.status, finding.reason) == ("unknown", reason)
    assert said in finding.message


def test_cst_04_is_unknown_without_spend_or_a_ceiling_per_day():
    assert judged("CST-04", records=lacking("spend")).reason == "missing"
    assert judged("CST-04", cost={"ceilings": [{**DAILY, "per": "run"}]}).reason == "missing"


VENDOR = {"id": "vendor", "kind": "model_provider", "name": "a vendor"}


def days_of(*costs):
    return tuple(
        DayCost(day=CROSSED.date() + timedelta(days=n), service="calls", cost=exact(cost, "USD"),
                requests=10)
        for n, cost in enumerate(costs)
    )  # fmt: skip


@pytest.mark.parametrize(("dearest", "status"), [(20, "passed"), (20.01, "unknown")])
def test_cst_04_is_unknown_of_a_provider_s_ceiling_that_a_whole_day_exceeds(dearest, status):
    """A part of the day's cost is never more than all of it, and more is not counted."""
    low = {**DAILY, "id": "calls", "scope": "provider", "provider": "vendor", "amount": "20 USD"}

    finding = judged(
        "CST-04",
        identity={"dependencies": [VENDOR]},
        cost={"ceilings": [DAILY, low]},
        records=but(a_spend, days=days_of(3, dearest)),
    )

    assert finding.status == status


def test_cst_04_is_unknown_when_the_log_reaches_back_less_far_than_a_provider_s_days():
    low = {**DAILY, "id": "calls", "scope": "provider", "provider": "vendor", "amount": "20 USD"}

    def records(system):
        spent = but(a_spend, days=days_of(3, 30))(system)
        return (*spent, a_breach_log(system, days=7))

    finding = judged(
        "CST-04",
        identity={"dependencies": [VENDOR]},
        cost={"ceilings": [DAILY, low]},
        records=records,
    )

    assert finding.reason == "too_few"
    assert "reaches back 7 days" in finding.message


def watched(*breaches, log=True, at=AS_OF, logged_at=AS_OF, **changes):
    """The last watch saw the ceiling of the system so, and no day of the spend was above it.

    The log of what was done holds these breaches.
    """

    def records(system):
        state = {"state": "crossed", "spent": exact(101, "USD", 9), **changes}
        watch = a_watch(system, a_state(system, "daily", **state), as_of=at)
        known = a_breach_log(system, *breaches, as_of=logged_at)
        return (*lacking("ceiling_watch")(system), watch, *([known] if log else []))

    return records


NOW = AS_OF - 10 * MINUTE


def of_today(**changes):
    return a_breach(**{"day": AS_OF.date(), "crossed_at": NOW, "told_at": NOW + MINUTE,
                       "action_at": NOW + 5 * MINUTE, **changes})  # fmt: skip


def test_cst_04_asks_what_was_done_when_the_last_watch_saw_the_ceiling_crossed():
    finding = judged("CST-04", records=watched(log=False))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message.startswith(
        "0 days of 91 days above the ceiling; daily is crossed on 2013-07-22, and no such"
    )
    assert finding.remedy == "the cost owner runs `ops-model run 06_cost flight-delay`"


def test_cst_04_passes_when_what_the_watch_saw_was_told_and_acted_on():
    assert judged("CST-04", records=watched(of_today())).status == "passed"


def test_cst_04_fails_when_the_log_knows_nothing_of_what_the_watch_saw():
    finding = judged("CST-04", records=watched(a_breach()))

    assert finding.status == "failed"
    assert finding.message == (
        "daily is crossed on 2013-07-22, and the log of what was done holds no such day"
    )


def test_cst_04_is_unknown_while_the_log_is_older_than_the_watch():
    finding = judged("CST-04", records=watched(logged_at=AS_OF - timedelta(hours=1)))

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "the log of what was done is of 2013-07-22T07:00:00Z, before that" in finding.message


def test_cst_04_counts_a_crossing_no_more_once_the_ceiling_was_raised():
    raised = {**DAILY, "amount": "102 USD"}
    against = but(a_spend, ceiling_per_day=exact(102, "USD"))

    def records(system):
        spend = [r for r in against(system) if r.kind == "spend"]
        others = [r for r in watched(log=False)(system) if r.kind != "spend"]
        return (*others, *spend)

    assert judged("CST-04", cost={"ceilings": [raised]}, records=records).status == "passed"


def test_cst_04_is_unknown_when_the_watch_cannot_tell_what_the_system_spent():
    blind = watched(log=False, state="unknown", why="the newest row is 9 h old")

    finding = judged("CST-04", records=blind)

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert finding.message == (
        "whether daily is crossed on 2013-07-22 is not known: the newest row is 9 h old"
    )


@pytest.mark.parametrize("hours", [1, 25])
def test_cst_04_takes_spend_over_a_watch_of_before_it(hours):
    before = watched(log=False, at=AS_OF - timedelta(hours=hours))

    assert judged("CST-04", records=before).status == "passed"


def test_cst_04_is_unknown_when_a_day_of_the_last_weeks_has_no_row():
    silent = but(a_spend, days=days_of(3)[:1], silent_days=(AS_OF.date() - timedelta(days=2),))
    lost = but(
        a_spend,
        days=(days_of(3)[0].model_copy(update={"day": AS_OF.date() - timedelta(days=60)}),),
        silent_days=(AS_OF.date() - timedelta(days=27),),
    )
    long_ago = but(
        a_spend,
        days=(days_of(3)[0].model_copy(update={"day": AS_OF.date() - timedelta(days=60)}),),
        silent_days=(AS_OF.date() - timedelta(days=29),),
    )

    assert judged("CST-04", records=silent).status == "passed"  # of the first week that is held
    assert judged("CST-04", records=lost).message == (
        "the usage logs hold no row of 2013-06-25, where the week before had some, so whether a "
        "ceiling was crossed is not known"
    )
    assert judged("CST-04", records=long_ago).status == "passed"


def test_cst_04_says_with_what_a_day_is_told_answered_and_accepted():
    finding = judged("CST-04", records=one_day_over(a_breach(**UNTOLD)))

    assert "`ops-model watch flight-delay --tell` run every ten minutes" in finding.remedy
    assert "`ops-model watch --ack CODE --did ACTION --as PERSON`" in finding.remedy
    assert "`ops-model watch flight-delay --accept daily@2013-07-19 --as PERSON`" in finding.remedy


def test_cst_04_asks_to_accept_no_day_that_somebody_accepted_already():
    """The later of both is accepted, by who may."""
    accepted = a_breach(**UNTOLD, accepted_by="ed-fin")
    earlier = {
        "day": accepted.day - timedelta(days=1),
        "crossed_at": accepted.crossed_at - timedelta(days=1),
    }
    finding = judged("CST-04", records=one_day_over(a_breach(**UNTOLD, **earlier), accepted))

    assert "--accept daily@2013-07-18 --as PERSON" in finding.remedy


def test_cst_04_counts_a_log_of_earlier_than_a_day_ago_for_nothing():
    def stale(system):
        log = a_breach_log(system, a_breach(), as_of=AS_OF - timedelta(hours=25))
        return (*but(a_spend, days_over_ceiling=1)(system), log)

    assert judged("CST-04", records=stale).reason == "expired"


LIMITED = {"decisions": {"rights": [{
    "action": "raise_cost_ceiling", "holder": "ed-fin", "autonomy": "tell_after",
    "money_limit": "50.00 USD",
}]}}  # fmt: skip


@pytest.mark.parametrize(
    ("above", "status", "said"),
    [
        (50.0, "passed", ""),
        (5006.0, "failed", "whose right goes up to 50.00 USD; the day was 5,006.00 USD above"),
        (None, "failed", "and by how much the day was above is not known"),
    ],
)
def test_cst_04_lets_nobody_accept_more_than_their_right_goes_up_to(above, status, said):
    more = exact(above, "USD") if above is not None else None
    accepted = a_breach(**UNTOLD, accepted_by="ed-fin", above=more)

    finding = judged("CST-04", records=one_day_over(accepted), **LIMITED)

    assert finding.status == status
    assert said in finding.message


def test_cst_04_is_unknown_where_days_may_have_been_above_that_nobody_knows_of():
    doubtful = one_day_over(a_breach(), log={"doubts": ("20 rows say no instant",)})

    finding = judged("CST-04", records=doubtful)

    assert finding.status == "unknown"
    assert finding.message.startswith("20 rows say no instant: there may be days above a ceiling")
