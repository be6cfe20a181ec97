import re
from datetime import timedelta

import pytest

from ops_model.domain.spend import DayCost
from tests.builders import AREAS, AS_OF, a_spend, a_system, all_records, exact
from tests.checks.judged import but, judged, lacking, nothing
from tests.shown_running import a_state, a_watch

CEILING = AREAS["cost"]["ceilings"][0]


def test_cst_01_passes_and_says_the_ceiling_and_the_spend_of_today():
    assert judged("CST-01").message == (
        "100.00 USD per day, then throttle (ed-fin); today 12.50 USD (n 8, exact) so far"
    )


@pytest.mark.parametrize(
    ("spend", "said"),
    [
        # Judged at 08:00 on 22 July.
        (
            {"as_of": AS_OF - timedelta(hours=9), "newest_row": AS_OF - timedelta(hours=10)},
            "; the newest row of spend is 10 h old",
        ),
        ({"newest_row": AS_OF - timedelta(hours=24.1)}, "; the newest row of spend is 24.1 h old"),
        ({"newest_row": AS_OF - timedelta(days=365)}, "; the newest row of spend is 365 days old"),
        ({"unpriced_rows": 17}, "; the newest row of spend is 1 h old"),
        ({"newest_row": None}, "; what is spent is not known (CST-02)"),
        ({"newest_row": AS_OF + timedelta(hours=1)}, "; what is spent is not known (CST-02)"),
    ],
)
def test_cst_01_says_nothing_of_today_where_the_spend_of_today_is_not_known(spend, said):
    finding = judged("CST-01", records=but(a_spend, **spend))

    assert finding.status == "passed"
    assert finding.message == f"100.00 USD per day, then throttle (ed-fin){said}"
    assert finding.values == ()


def test_cst_01_says_nothing_of_a_day_that_is_long_gone():
    message = judged("CST-01", as_of=AS_OF + timedelta(days=365)).message

    assert message.endswith("(ed-fin); the newest row of spend is 365 days old")


def test_cst_01_takes_the_age_that_the_policy_sets_for_cst_02():
    late = but(a_spend, newest_row=AS_OF - timedelta(hours=30))
    policy = {"thresholds": {"CST-02": {"max_age_hours": "36"}}}

    finding = judged("CST-01", records=late, policy=policy)

    assert finding.message.endswith("; today 12.50 USD (n 8, exact) so far")


def test_cst_01_fails_when_there_is_only_a_budget_for_the_project():
    budget = {"amount": "50000 USD", "period": "2013"}

    finding = judged("CST-01", cost={"ceilings": [], "project_budget": budget})

    assert finding.status == "failed"
    assert "a budget of 50000 USD for the project is none" in finding.message
    assert finding.owner == "ed-fin"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"per": "run"}, "no ceiling per day"),
        ({"scope": "user"}, "no ceiling per day"),
        ({"amount": "0 USD"}, "expected more than nothing"),
        ({"amount": "90 EUR"}, "is in EUR; prices are in USD"),
        ({"warn_at": []}, "warns nobody"),
        ({"owner": "gone"}, "gone is nobody in people.yaml"),
    ],
)
def test_cst_01_fails_for_a_ceiling_that_would_not_hold(change, said):
    finding = judged("CST-01", cost={"ceilings": [{**CEILING, **change}]})

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize("scope", ["system", "provider", "training_run"])
def test_the_remedy_of_a_ceiling_that_is_not_there_says_all_that_a_ceiling_takes(scope):
    vendor = {"id": "vendor", "kind": "model_provider", "name": "a vendor"}
    check_id = "CST-07" if scope == "training_run" else "CST-01"
    others = {"system": [], "provider": [CEILING], "training_run": [CEILING]}[scope]
    identity = {"dependencies": [vendor]} if scope == "provider" else {}

    before = judged(check_id, identity=identity, cost={"ceilings": others})
    written = dict(re.findall(r"`(\w+): ([^`]+)`", before.remedy))
    amount, warn_at = re.findall(r"such as `([^`]+)`", before.remedy)
    words = ("`id`", "`amount`", "`warn_at`", "`hard_action`", "`owner`", "`alert_route`")
    ceiling = {
        "id": "new", **written, "amount": amount, "warn_at": warn_at.strip("[]").split(", "),
        "hard_action": "throttle", "owner": "ed-fin", "alert_route": "pager",
    }  # fmt: skip
    after = judged(check_id, identity=identity, cost={"ceilings": [*others, ceiling]})

    assert before.status == "failed"
    assert [word for word in words if word not in before.remedy] == []
    assert after.status == "passed"


def test_cst_01_passes_when_a_team_owns_the_ceiling():
    assert (
        judged("CST-01", cost={"ceilings": [{**CEILING, "owner": "data-team"}]}).status == "passed"
    )


def test_cst_02_passes_when_the_newest_row_is_of_today():
    finding = judged("CST-02")

    assert finding.status == "passed"
    assert finding.valid_until == AS_OF + timedelta(hours=23)


@pytest.mark.parametrize(("hours", "status"), [(24, "passed"), (24.1, "unknown")])
def test_cst_02_is_unknown_when_the_newest_row_is_older_than_a_day(hours, status):
    late = but(a_spend, newest_row=AS_OF - timedelta(hours=hours))

    assert judged("CST-02", records=late).status == status


def test_cst_02_says_days_over_the_ceiling_first_and_the_age_in_a_unit_that_suits_it():
    now = but(a_spend, days_over_ceiling=16, newest_row=AS_OF - timedelta(seconds=6))

    message = judged("CST-02", records=now).message

    assert message.startswith("16 days over the ceiling; last full day ")
    assert message.endswith("; newest row 6 s old")


def test_cst_02_is_unknown_when_a_fresh_measurement_has_grown_old():
    finding = judged("CST-02", as_of=AS_OF + timedelta(days=2))

    assert finding.reason == "expired"
    assert "49 h old" in finding.message


def test_cst_02_fails_when_rows_have_no_price():
    finding = judged("CST-02", records=but(a_spend, unpriced_rows=17))

    assert finding.status == "failed"
    assert "17 rows have no price" in finding.message


def test_cst_02_names_what_has_no_price_and_who_mends_it():
    unknown_model = {"new-model: no price of it is known": 12, "old: no price of it is known": 5}
    senseless = {"large: negative tokens": 17}

    unlisted = judged("CST-02", records=but(a_spend, unpriced_rows=17, unpriced=unknown_model))
    broken = judged(
        "CST-02",
        records=but(a_spend, unpriced_rows=17, unpriced=senseless, apart={"negative tokens": 17}),
    )

    assert "(new-model: no price of it is known, 12 rows; old: " in unlisted.message
    assert unlisted.remedy.startswith("the cost owner adds the missing price")
    assert "(large: negative tokens, 17 rows)" in broken.message
    assert broken.remedy.startswith("the platform has what writes the usage log corrected")


def silent(*ages, first=60):
    """A measurement of spend whose first day lies so far back, and these days without a row."""
    today = AS_OF.date()
    began = DayCost(
        day=today - timedelta(days=first), service="all", cost=exact(9, "USD"), requests=3
    )
    days = tuple(sorted(today - timedelta(days=age) for age in ages))
    return but(a_spend, days=(began,), silent_days=days)


@pytest.mark.parametrize(
    ("ages", "status"),
    # Each Sunday is silent; a Saturday is; one was so eight days ago, which is not about today.
    [((1, 8, 15), "passed"), ((2,), "unknown"), ((8,), "passed")],
)
def test_cst_02_is_unknown_when_a_day_of_this_week_has_no_row_and_that_of_the_last_had(
    ages, status
):
    assert judged("CST-02", records=silent(*ages)).status == status


def test_cst_02_names_the_days_without_a_row():
    finding = judged("CST-02", records=silent(2))

    assert finding.reason == "missing"
    assert finding.message.startswith("the usage logs hold no row of 2013-07-20, where the week")


def test_cst_02_passes_a_silent_day_of_the_first_week_which_may_be_usual():
    assert judged("CST-02", records=silent(2, first=6)).status == "passed"


def test_cst_02_says_what_makes_the_spend_doubtful():
    doubt = "large: 40 rows are older than the oldest price that has a date"

    assert judged("CST-02", records=but(a_spend, warnings=(doubt,))).message.endswith(doubt)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"newest_row": AS_OF + timedelta(days=3000)}, "after the measurement of 2013-07-22"),
        (
            {"last_full_day": exact(5000, "USD", 24)},
            "counts 0 days over the ceiling, and by its own numbers 2013-07-21 cost more",
        ),
        ({"today": exact(5000, "USD", 8)}, "by its own numbers 2013-07-22 cost more"),
    ],
)
def test_cst_02_is_unknown_when_the_measurement_speaks_against_itself(change, said):
    finding = judged("CST-02", records=but(a_spend, **change))

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert said in finding.message


def test_cst_02_is_unknown_when_nothing_was_measured_or_logged():
    assert judged("CST-02", records=lacking("spend")).reason == "missing"
    assert judged("CST-02", records=but(a_spend, newest_row=None)).reason == "too_few"


TRAINING = AREAS["cost"]["ceilings"][1]
VENDOR = {"id": "vendor", "kind": "model_provider", "name": "a vendor"}
FOR_VENDOR = {**CEILING, "id": "calls", "scope": "provider", "provider": "vendor"}


def calling(*ceilings):
    """A system that calls a model, with these ceilings."""
    return {"identity": {"dependencies": [VENDOR]}, "cost": {"ceilings": list(ceilings)}}


def test_cst_01_passes_when_the_model_that_is_called_has_a_ceiling_of_its_own():
    finding = judged("CST-01", **calling(CEILING, FOR_VENDOR))

    assert finding.status == "passed"
    assert finding.message.endswith("; for vendor 100.00 USD")


@pytest.mark.parametrize(
    "other", [{**FOR_VENDOR, "provider": "another"}, {**FOR_VENDOR, "per": "run"}, TRAINING]
)
def test_cst_01_fails_when_a_model_that_is_called_has_no_ceiling_per_day(other):
    finding = judged("CST-01", **calling(CEILING, other))

    assert finding.status == "failed"
    assert finding.message == "no ceiling per day for vendor, which the system calls"


def test_cst_01_fails_for_a_provider_s_ceiling_that_would_not_hold():
    finding = judged("CST-01", **calling(CEILING, {**FOR_VENDOR, "owner": "gone"}))

    assert finding.message == "calls: gone is nobody in people.yaml"


def test_cst_01_asks_no_ceiling_of_a_provider_before_people_are_served():
    pilot = {"stage": "pilot", "at": "2013-03-01T00:00:00Z", "by": "ana-ruiz"}
    identity = {"dependencies": [VENDOR], "stage_history": [pilot]}

    finding = judged("CST-01", identity=identity, cost={"ceilings": [CEILING]})

    assert finding.status == "passed"


def for_all(most, **changes):
    return {"operators_fte": "2", "ceiling_per_day": most, **changes}


@pytest.mark.parametrize(("most", "status"), [("100.00 USD", "passed"), ("99.99 USD", "failed")])
def test_cst_01_fails_when_one_system_may_cost_more_than_all_together(most, status):
    finding = judged("CST-01", portfolio=for_all(most))

    assert finding.status == status
    assert f"alone 100.00 USD of {most} per day for all systems" in finding.message
    assert ("whose sum is the portfolio's" in finding.message) == (status == "passed")


def test_cst_01_passes_when_somebody_wrote_why_more_is_accepted():
    finding = judged("CST-01", portfolio=for_all("1 USD", ceiling_override="until the move"))

    assert finding.status == "passed"
    assert "accepted: until the move" in finding.message


def test_cst_01_passes_when_the_ceiling_that_bites_first_keeps_to_that_of_all():
    low = {**CEILING, "id": "low", "amount": "60 USD"}

    finding = judged("CST-01", cost={"ceilings": [CEILING, low]}, portfolio=for_all("70 USD"))

    assert finding.status == "passed"
    assert "60 USD of 70 USD per day for all systems" in finding.message


def test_cst_01_is_unknown_when_the_two_ceilings_are_in_two_currencies():
    finding = judged("CST-01", portfolio=for_all("1 EUR"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "100.00 USD cannot be held against 1 EUR per day for all systems" in finding.message


@pytest.mark.parametrize("word", ["ok", "accepted by", "fine - - -"])
def test_cst_01_fails_when_the_word_for_more_is_no_sentence(word):
    finding = judged("CST-01", portfolio=for_all("1 USD", ceiling_override=word))

    assert finding.status == "failed"
    assert "expected at least 3" in finding.message


@pytest.mark.parametrize("dependencies", [[], [{**VENDOR, "kind": "service"}]])
def test_cst_01_is_unknown_when_nobody_is_named_who_serves_the_model_that_is_called(dependencies):
    identity = {"kind": "llm_app", "dependencies": dependencies}

    finding = judged("CST-01", identity=identity)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "names no model_provider" in finding.message


def test_a_ceiling_that_warns_where_nothing_is_spent_is_refused():
    with pytest.raises(ValueError, match="warn_at begins with 0"):
        a_system(cost={"ceilings": [{**CEILING, "warn_at": ["0", "0.8"]}]})


def test_cst_07_passes_with_a_cap_on_a_training_run_and_says_what_the_dearest_cost():
    assert judged("CST-07").message == (
        "a training run may cost 40.00 USD, then stop; run night-7 cost 4.00 USD (n 8, exact)"
    )


def test_cst_07_passes_with_a_cap_where_no_run_was_watched():
    assert judged("CST-07", records=lacking("ceiling_watch")).message == (
        "a training run may cost 40.00 USD, then stop"
    )


def a_run(**changes):
    """Everything on record, the last watch having seen one training run so."""

    def records(system):
        watched = a_watch(system, a_state(system, "training", **changes))
        return tuple(watched if r.kind == watched.kind else r for r in all_records(system))

    return records


def test_cst_07_fails_when_a_run_was_seen_above_the_cap():
    finding = judged("CST-07", records=a_run(spent=exact(52, "USD", 30), state="crossed"))

    assert finding.status == "failed"
    assert finding.message == (
        "run night-7 cost 52.00 USD (n 30, exact); a training run may cost 40.00 USD, then stop"
    )
    assert finding.remedy.startswith("ed-fin finds out why stop did not come at 40.00 USD")


@pytest.mark.parametrize(("days", "status"), [(35, "failed"), (36, "passed")])
def test_cst_07_remembers_a_run_above_the_cap_for_five_weeks(days, status):
    def records(system):
        dear = a_state(system, "training", spent=exact(52, "USD", 30), state="crossed")
        return (a_watch(system, dear, as_of=AS_OF - timedelta(days=days)), *all_records(system))

    assert judged("CST-07", records=records).status == status


def test_cst_07_holds_a_run_against_the_cap_of_today():
    raised = {**TRAINING, "amount": "60 USD"}
    dear = a_run(spent=exact(52, "USD", 30), state="crossed")

    assert judged("CST-07", cost={"ceilings": [CEILING, raised]}, records=dear).status == "passed"


def test_cst_07_is_unknown_when_nobody_knows_what_a_run_cost():
    blind = a_run(state="unknown", why="the price of 3 of its rows is not known")

    finding = judged("CST-07", records=blind)

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert finding.message.endswith(
        "whether run night-7 kept to it is not known: the price of 3 of its rows is not known"
    )


def test_cst_07_passes_and_says_so_when_no_row_names_a_run():
    why = "no row of the last days names a run (run_id)"
    unnamed = a_run(of="", state="unknown", why=why, spent=exact(0, "USD", 0))

    finding = judged("CST-07", records=unnamed)

    assert finding.status == "passed"
    assert finding.message.endswith(f"then stop; {why}")


def test_cst_07_fails_when_nothing_caps_a_training_run():
    finding = judged("CST-07", cost={"ceilings": [CEILING]})

    assert finding.status == "failed"
    assert "cy-data trained it here, and nothing caps what a run may cost" in finding.message


def test_cst_07_fails_for_a_cap_that_would_not_hold():
    finding = judged("CST-07", cost={"ceilings": [CEILING, {**TRAINING, "amount": "0 USD"}]})

    assert finding.status == "failed"
    assert "expected more than nothing" in finding.message


def test_cst_07_is_unknown_when_nobody_is_said_to_have_trained_it():
    version = {**AREAS["identity"]["version"], "trained_by": []}

    assert judged("CST-07", identity={"version": version}).reason == "missing"


def test_cst_07_does_not_arise_for_a_model_that_is_called():
    assert judged("CST-07", identity={"kind": "agent"}).status == "not_applicable"


def test_cst_02_is_unknown_without_a_usage_log_and_asks_for_it_before_a_run():
    finding = judged(
        "CST-02", cost={"logs": [], "token_prices": [], "hour_prices": []}, records=nothing
    )

    assert finding.remedy == (
        "the cost owner declares `logs` and prices (`token_prices` or `hour_prices`) in "
        "cost.yaml, then runs `ops-model run 06_cost flight-delay`"
    )
