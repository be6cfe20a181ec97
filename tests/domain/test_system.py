from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ops_model.domain.ownership import Handoff, Ladder, TransitionPlan
from ops_model.domain.portfolio import Pilot, outcome_of
from ops_model.domain.service_levels import CapacityPlan, Objective
from ops_model.domain.signals_logged import DataFeed
from ops_model.domain.system import MEMBERS, AISystem, VersionTuple
from ops_model.domain.values import claim_digest

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
JUNE = datetime(2013, 6, 1, tzinfo=UTC)


def a_version(**changes):
    return VersionTuple(**{"label": "v2", "model_ref": "m", "code_commit": "abcdef0", **changes})


def a_system(*stages):
    return AISystem(
        name="N", kind="predictive", tier="C", purpose="p", users="u", customer_facing="false",
        version=a_version(),
        stage_history=[{"stage": s, "at": at, "by": "ana"} for s, at in stages],
    )  # fmt: skip


def test_each_of_the_eight_members_changes_the_digest_of_a_version_and_is_named():
    for member, keys in MEMBERS.items():
        for key in keys:
            value = OTHER if key.endswith("digest") else "0123456"

            changed = a_version(**{key: value})

            assert changed.digest() != a_version().digest()
            assert [c.member for c in a_version().changes_to(changed)] == [member]
            assert a_version().changes_to(changed)[0].after[key] == value


def test_a_label_trainers_and_the_time_in_production_do_not_make_another_version():
    renamed = a_version(label="v3", trained_by=["cy"], in_production_since=JUNE)

    assert renamed.digest() == a_version().digest()
    assert a_version().changes_to(renamed) == ()


def test_changes_are_named_in_the_order_of_the_members():
    after = a_version(image_digest=DIGEST, prompt_digest=DIGEST, model_ref="n")

    assert [c.member for c in a_version().changes_to(after)] == ["model", "prompt", "image"]


MEMBER_DIGESTS = st.dictionaries(
    st.sampled_from([k for keys in MEMBERS.values() for k in keys if k.endswith("_digest")]),
    st.sampled_from([DIGEST, OTHER]),
)


@given(first=MEMBER_DIGESTS, second=MEMBER_DIGESTS)
def test_two_versions_have_one_digest_exactly_when_no_member_changed(first, second):
    one, two = a_version(**first), a_version(**second)

    assert (one.digest() == two.digest()) == (one.changes_to(two) == ())


def test_the_stage_at_an_instant_is_the_latest_that_had_begun():
    system = a_system(("live", JUNE), ("pilot", JUNE - timedelta(days=90)))

    assert system.stage_at(JUNE - timedelta(days=91)) is None
    assert system.stage_at(JUNE - timedelta(seconds=1)) == "pilot"
    assert system.stage_at(JUNE) == "live"
    assert system.in_production_at(JUNE)
    assert system.went_live_at == JUNE


# Met its targets on 1 December; 180 days later it is 30 May.
PILOT = {"system": "x", "targets": ["t"], "location": "sandbox"}


@pytest.mark.parametrize(
    ("pilot", "at", "outcome"),
    [
        ({}, datetime(2013, 1, 1, tzinfo=UTC), "RUNNING"),
        ({"ended_on": "2013-02-01"}, datetime(2013, 1, 31, tzinfo=UTC), "RUNNING"),
        ({"ended_on": "2013-02-01"}, datetime(2013, 2, 1, tzinfo=UTC), "TECH_FAILED"),
        ({"targets_met_on": "2012-12-01"}, datetime(2013, 5, 29, tzinfo=UTC), "PASSED"),
        ({"targets_met_on": "2012-12-01"}, datetime(2013, 5, 30, tzinfo=UTC), "STRANDED"),
    ],
)
def test_what_became_of_a_pilot_follows_from_dates_alone(pilot, at, outcome):
    assert outcome_of(Pilot(**PILOT, **pilot), a_system(("pilot", JUNE)), at=at) == outcome


def test_a_pilot_that_serves_users_has_shipped_whatever_its_dates_say():
    pilot = Pilot(**PILOT, targets_met_on="2012-01-01")

    assert outcome_of(pilot, a_system(("limited", JUNE)), at=JUNE) == "SHIPPED"


@pytest.mark.parametrize(
    ("watched", "hours"),
    # Stale after 2 h and looked at hourly: 3 h. On weekdays only, Saturday and Sunday come on top.
    [("all_days", 3.0), ("weekdays", 51.0)],
)
def test_a_feed_that_breaks_at_the_end_of_friday_is_noticed_so_late(watched, hours):
    feed = DataFeed(
        id="f", owner="ana", freshness_max_minutes=120, check_every_minutes=60, watched=watched
    )

    assert feed.worst_notice_hours == hours


def test_the_headroom_with_one_node_gone_is_a_part_of_the_peak():
    # Three of four nodes carry 30 of the 40 requests a second that come at peak.
    plan = CapacityPlan(peak_requests_per_second=40, nodes=4, requests_per_second_per_node=10)

    assert plan.one_node_loss_headroom == pytest.approx(-0.25)


@pytest.mark.parametrize(("written", "days"), [("28", 28), ("28d", 28), ("4w", 28), (28, 28)])
def test_a_window_may_be_written_as_openslo_writes_it(written, days):
    objective = Objective(id="o", indicator="errors", target="0.9", window_days=written)

    assert objective.window_days == days


@pytest.mark.parametrize("windows", [{}, {"window_days": "28d", "calendar": "month"}])
def test_an_objective_has_exactly_one_window(windows):
    with pytest.raises(ValidationError, match="exactly one"):
        Objective(id="o", indicator="errors", target="0.9", **windows)


def test_a_handoff_is_accepted_by_its_text_so_that_another_text_has_another_digest():
    handoff = {"id": "h", "outgoing": "ana", "incoming": "bo", "effective": "2013-06-01",
               "items": [{"topic": "runbook", "evidence": "read on 1 May"}]}  # fmt: skip

    assert Handoff(**handoff).digest() == Handoff(**handoff).digest()
    assert Handoff(**{**handoff, "items": []}).digest() != Handoff(**handoff).digest()


def test_the_ladder_says_who_leads_a_duty_on_each_day():
    ladder = Ladder(
        duty="feeding",
        steps=[
            {"phase": "partner_led", "starts": "2013-01-01"},
            {"phase": "own_led", "starts": "2013-06-01"},
        ],
    )
    plan = TransitionPlan(partner_team="p", ladders=[ladder])

    assert ladder.phase_on(date(2012, 12, 31)) is None
    assert ladder.phase_on(date(2013, 5, 31)) == "partner_led"
    assert plan.own_led(date(2013, 5, 31)) == (0, 1)
    assert plan.own_led(date(2013, 6, 1)) == (1, 1)


def test_money_keeps_its_cents_and_its_currency():
    from ops_model.domain.values import Money

    money = Money.model_validate("12.50 USD")

    assert (money.amount, money.currency, str(money)) == (Decimal("12.50"), "USD", "12.50 USD")


def test_a_key_that_a_later_version_adds_voids_no_evidence_about_a_claim():
    class Later(Handoff):
        witness: str | None = None

    handoff = {"id": "h", "outgoing": "ana", "incoming": "bo", "effective": "2013-06-01",
               "items": []}  # fmt: skip

    assert claim_digest(Later(**handoff)) == claim_digest(Handoff(**handoff))
    assert claim_digest(Handoff(**handoff, drill="rollback")) == claim_digest(Handoff(**handoff))
    assert claim_digest(Later(**handoff, witness="cy")) != claim_digest(Handoff(**handoff))
    assert claim_digest(Handoff(**handoff, drill="game_day")) != claim_digest(Handoff(**handoff))
