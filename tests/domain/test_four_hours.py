"""The four hours after a page, on a system built by hand: whole, bare, and one thing spoiled."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ops_model.domain.by_kind import ByKind
from ops_model.domain.four_hours import four_hours, steps_of_each
from ops_model.domain.walk import NOBODY_SENTENCE
from ops_model.domain.walk_settle import working_days_after
from ops_model.errors import UsageError
from tests.builders import (
    AREAS,
    AS_OF,
    a_drift,
    a_fallback_drill,
    a_model,
    a_quality,
    a_rollback_drill,
    a_statement,
    a_system,
    an_access_drill,
    an_attestation,
    exact,
    judging,
)
from tests.shown_running import a_game_day
from tests.shown_signals import a_level
from tests.site.samples import digest

AT = datetime(2013, 7, 27, 2, tzinfo=UTC)
"""A Saturday; the rota of the builders has ana-ruiz as primary and bo-li as secondary."""
MINUTES = [0, 5, 8, 10, 12, 15, 25, 30, 45, 60, 90, 120, 180, 240]
MODE = {"id": "wrong", "description": "says on time, and is not", "kind": "wrong_output",
        "detect_by": ["quality", "inputs"], "respond_by": ["rollback"]}  # fmt: skip


def right(action, **more):
    values = {"holder": "primary", "backup": "secondary", "autonomy": "alone"}
    return {"action": action, "max_minutes_to_decide": "5", **values, **more}


RIGHTS = {
    "rollback": right("rollback"),
    "failover": right("failover"),
    "override_output": right("override_output"),
    "disable": right("disable"),
    "edge_case": right("edge_case", money_limit="4200.00 EUR"),
    "notify_users": right("notify_users"),
    "restore": right("restore", autonomy="consult_one"),
}


def but(**changes):
    """The rights, some of them changed; None takes one away."""
    rights = {**RIGHTS, **changes}
    return [value for value in rights.values() if value is not None]


FULL = {
    "identity": {"failure_modes": [MODE]},
    "ownership": {"duties": {"improvement": {"primary": "bo-li"}}},
    "on_call": {
        "escalation": [
            {"target": "primary", "ack_within_minutes": "10"},
            {"target": "secondary", "ack_within_minutes": "5"},
        ],
        "runbook": "docs/runbook.md",
    },
    "decisions": {
        "rights": but(),
        "communication": [
            {"audience": "users", "owner": "bo-li", "channel": "gate screen",
             "within_minutes": "30", "text": "Ask at the gate."},
        ],
    },
    "signals": {
        "logs": [
            {"id": "served", "holds": "predictions", "address": "log", "timestamp": "at",
             "key": "flight"},
            {"id": "landed", "holds": "labels", "address": "labels", "timestamp": "at",
             "key": "flight"},
        ],
        "log_policy": {"retention_days": "365", "redaction": "none is needed", "store_ref": "log"},
        "retraining": {"triggers": ["inputs"], "decider": "cy-data", "doer": "cy-data",
                       "max_days": "14", "must_pass": "the accuracy of v2"},
    },
    "cost": {"units": [{"id": "f", "unit": "flight", "success": "right", "value": "2.00 USD"}]},
    "compliance": {"legal": {"role": "deployer", "risk_class": "limited"}},
}  # fmt: skip


def spoiled(**areas):
    """The whole system; each area is None, or the keys that differ."""
    merged = {
        name: None if name in areas and areas[name] is None
        else {**FULL.get(name, {}), **(areas.get(name) or {})}
        for name in {*FULL, *areas}
    }  # fmt: skip
    return a_system(**merged)


def access(system, **more):
    values = {"topic": "access", "person": "ana-ruiz", "action": "query_logs"}
    return an_attestation(system, **{**values, **more})


def shown(system):
    return [a_rollback_drill(system), access(system), *measured(system)]


def measured(system):
    """A measurement of each monitor, of the kind that its signal leaves."""
    for monitor in system.signals.monitors if system.signals is not None else ():
        if monitor.signal == "output_quality":
            yield a_quality(system, monitor=monitor.id)
        elif monitor.signal == "input_distribution":
            yield a_drift(system, monitor=monitor.id)
        elif monitor.signal == "uptime":
            yield a_level(system)


def walk(system, records=None, *, at=AT, policy=None, watched=True, **more):
    told = [*(shown(system) if records is None else records)]
    told += measured(system) if watched else ()
    statements = [a_statement(record, seq) for seq, record in enumerate(told, start=1)]
    model = a_model(system, policy=policy)
    weighed = judging(model, system, statements)
    return four_hours(model, system, at=at, judging=weighed, statements=statements, **more)


def step(found, minute):
    return next(s for s in found.steps if s.minute == minute)


def test_a_system_that_declares_and_shows_everything_answers_every_step():
    found = walk(spoiled())

    assert [s.minute for s in found.steps] == MINUTES
    assert [(s.minute, s.answer) for s in found.gaps] == []
    assert {s.check for s in found.steps} == {""}
    assert found.sentence == NOBODY_SENTENCE
    assert found.runbook == "docs/runbook.md"


def test_every_step_names_what_was_read():
    assert all(s.looked_at for s in walk(spoiled()).steps)


def test_the_minutes_are_the_limits_of_the_objects():
    minutes = walk(spoiled()).minutes

    # the primary's window, the right's limit, 600 s of the plan, the users' channel
    assert (minutes.page, minutes.decide, minutes.contain, minutes.inform) == (10, 5, 10, 30)
    assert minutes.contained_after == 25
    assert minutes.drilled.value == 42


def test_a_page_that_the_primary_cannot_answer_waits_for_both_windows():
    away = [{"person": "ana-ruiz", "start": "2013-07-26T00:00:00Z", "end": "2013-07-28T00:00:00Z"}]
    found = walk(spoiled(on_call={**FULL["on_call"], "absences": away}))

    assert found.minutes.page == 10 + 5
    assert step(found, 5).who == "bo-li"
    assert step(found, 5).check == "ONC-03"
    assert "ana-ruiz is primary and is away" in step(found, 5).answer


def test_a_bare_system_leaves_every_step_open_and_fails_all_three():
    bare = a_system(
        **dict.fromkeys(AREAS.keys() - {"identity"}), identity={"failure_modes": [],
        "documentation": None, "support": None},
    )  # fmt: skip
    found = walk(bare, [])

    assert [s.minute for s in found.gaps] == MINUTES
    assert [s.check for s in found.gaps] == [
        "QLT-01", "ONC-03", "ONC-05", "OBS-05", "DEC-01", "RBK-01", "RBK-02", "FBK-03", "INC-04",
        "DEC-01", "INC-01", "DEC-01", "DEC-01", "INC-03",
    ]  # fmt: skip
    assert all(one.failed for one in found.automatic)
    assert found.sentence.startswith("3 of the three that must not happen: the owner has to be")
    assert found.minutes.contained_after is None
    assert found.runbook == ""


MONITOR = {"id": "quality", "signal": "output_quality", "metric": "accuracy"}
STEPS = AREAS["rollback"]["steps"]


@pytest.mark.parametrize(
    ("areas", "minute", "check", "said"),
    [
        ({"identity": {"failure_modes": [{**MODE, "detect_by": []}]}}, 0, "QLT-01",
         "no monitor watches failure mode wrong"),
        ({"signals": {"monitors": [{**MONITOR, "automated": "true", "alert_route": "pager",
                                    "detect_within_hours": "25"}]}}, 0, "INC-01",
         "within 25 h of its beginning; until then a customer may notice first"),
        ({"signals": {"monitors": [{**MONITOR, "automated": "true", "alert_route": "pager"}]}},
         0, "INC-01", "how soon is not declared, so a customer may notice first"),
        ({"signals": {"monitors": [{**MONITOR, "automated": "false"}]}}, 0, "QLT-01",
         "quality is looked at by hand"),
        ({"signals": {"monitors": [{**MONITOR, "automated": "true"}]}}, 0, "QLT-01",
         "quality alerts nobody"),
        ({"on_call": {"escalation": []}}, 5, "ONC-06", "no escalation is declared"),
        ({"on_call": {"layers": AREAS["on_call"]["layers"][:1]}}, 5, "ONC-04",
         "nobody is secondary"),
        ({"signals": {"logs": []}}, 10, "OBS-05", "no log of what was served is declared"),
        ({"signals": {"log_policy": None}}, 10, "OBS-05", "where the logs lie is not written"),
        ({"identity": {"failure_modes": [{**MODE, "respond_by": []}]}}, 12, "OM-04",
         "no response is written down"),
        ({"decisions": {"rights": but(rollback=None)}}, 12, "DEC-01",
         "gives nobody the right rollback"),
        ({"decisions": {"rights": but(rollback=right("rollback", holder="fay-product",
                                                     backup=None))}}, 12, "DEC-02",
         "roll back: nobody can decide; fay-product: not on call"),
        ({"decisions": {"rights": but(disable=right("disable", autonomy="needs_approval",
                                                    approvers=["fay-product"]))}}, 12, "DEC-02",
         "roll back: ana-ruiz, alone; 5 min to decide; switch it off: nobody can decide; primary "
         "must have the approval of fay-product, who is not on call"),
        ({"decisions": {"rights": but(failover=None)}}, 12, "DEC-02",
         "fail over: nobody can decide; decisions.yaml gives nobody the right failover"),
        ({"rollback": None}, 15, "RBK-01", "no steps back to an earlier version"),
        ({"rollback": {"steps": [{**STEPS[0], "kind": "retrain"}]}}, 15, "RBK-03",
         "that is no way back"),
        ({"identity": {"failure_modes": [{**MODE, "respond_by": ["retrain"]}]}}, 15, "RBK-03",
         "stops nothing tonight"),
        ({"identity": {"failure_modes": [{**MODE, "respond_by": ["disable"]}]},
          "signals": {"playbooks": []}}, 15, "DRF-07", "switch it off, by hand; no playbook says"),
        ({"decisions": {"communication": []}}, 30, "FBK-03", "no words are written down"),
        ({"cost": {"units": []}}, 45, "INC-04", "what one is worth is not written down"),
        ({"decisions": {"rights": but(notify_users=None)}}, 60, "DEC-01",
         "nobody is named to tell them"),
        ({"ownership": {"accountable": "data-team"}}, 60, "DEC-01", "no person is accountable"),
        ({"identity": {"failure_modes": [MODE], "support": None}}, 60, "DEC-01",
         "support is not described"),
        ({"compliance": None}, 90, "INC-01", "ask counsel"),
        ({"decisions": {"rights": but(edge_case=right("edge_case"))}}, 120, "DEC-01",
         "nobody is named: no right to answer customers has a money limit"),
        ({"decisions": {"rights": but(restore=None)}}, 180, "DEC-01", "nobody is named who may"),
        ({"signals": {"retraining": None, "critical_segments": []}, "change": {"requests": []}},
         180, "CCH-03",
         "what must be true by then is not written down"),
        ({"ownership": {"duties": {}}}, 240, "INC-03", "nobody is named who holds"),
        ({"ownership": {"duties": {"improvement": {"primary": "gone"}}}}, 240, "INC-03",
         "is nobody who works here"),
    ],
)  # fmt: skip
def test_one_thing_missing_is_the_gap_of_its_step(areas, minute, check, said):
    whole = {n: {**FULL.get(n, {}), **v} if v is not None else None for n, v in areas.items()}
    found = step(walk(spoiled(**whole)), minute)

    assert (found.ok, found.check) == (False, check)
    assert said in found.answer


def earlier(drill):
    """The same drill of another text of its plan than the present."""
    refs = tuple(ref.model_copy(update={"digest": digest("earlier")}) for ref in drill.claims)
    return drill.model_copy(update={"claims": refs})


def test_a_drill_of_an_earlier_plan_shows_neither_the_way_back_nor_who_knows_it():
    system = spoiled()
    found = walk(system, [earlier(a_rollback_drill(system)), access(system)])

    assert [(s.minute, s.check) for s in found.gaps] == [(8, "ONC-05"), (25, "RBK-02")]
    for minute in (8, 25):
        assert "for an earlier text of rollback.yaml" in step(found, minute).answer
    # Nor does its time stand beside the limit of the plan of today.
    assert found.minutes.drilled is None


def test_the_bound_counts_no_drill_of_an_earlier_plan():
    system = spoiled()
    before = [earlier(a_rollback_drill(system, done_at=AS_OF - timedelta(days=d), as_of=AS_OF
                      - timedelta(days=d))) for d in (20, 30)]  # fmt: skip
    found = walk(system, [*before, a_rollback_drill(system), access(system)])

    assert found.gaps == ()
    assert "1 of 1 drills passed" in step(found, 25).answer


def test_a_drill_of_an_earlier_fallback_shows_neither_the_way_on_nor_its_notice():
    mode = {**MODE, "respond_by": ["fallback"]}
    system = spoiled(identity={"failure_modes": [mode]})
    records = [a_rollback_drill(system), access(system)]
    whole = walk(system, [*records, a_fallback_drill(system)])
    found = walk(system, [*records, earlier(a_fallback_drill(system))])

    assert {25, 30} & {s.minute for s in whole.gaps} == set()
    for minute in (25, 30):
        assert step(found, minute).check == "FBK-03"
        assert "rehearsed for an earlier text of fallback.yaml" in step(found, minute).answer


def test_a_plan_that_no_step_verifies_is_no_answer_to_what_they_do():
    steps = [{"kind": "redeploy", "text": "From the tape.", "expected_seconds": "590"}]
    found = step(walk(spoiled(rollback={"steps": steps})), 15)

    assert (found.ok, found.check) == (False, "RBK-01")
    assert found.answer.endswith("that is no specific way back: no step verifies the result")


@pytest.mark.parametrize(("days", "ok"), [(8, True), (9, False)])
def test_a_measurement_that_its_check_counts_no_more_is_no_answer_to_how_we_knew(days, ok):
    system = spoiled()
    old = [r.model_copy(update={"as_of": AS_OF - timedelta(days=days)}) for r in measured(system)]
    found = step(walk(system, [a_rollback_drill(system), *old], watched=False), 0)

    assert found.ok is ok
    assert ok or f"last measured {days} days ago" in found.answer


def test_a_person_who_never_drilled_it_is_told_from_one_who_did():
    system = spoiled()
    found = walk(system, [a_rollback_drill(system, performed_by="cy-data"), access(system)])

    assert [s.minute for s in found.gaps] == [8]
    assert step(found, 8).answer == (
        "declared, never rehearsed: no drill by ana-ruiz is on record"
    )


def test_a_plan_that_was_never_rehearsed_is_only_declared():
    system = spoiled()
    found = walk(system, [access(system)])

    assert [(s.minute, s.check) for s in found.gaps] == [(8, "ONC-05"), (25, "RBK-02")]
    assert step(found, 25).answer.startswith("declared, never rehearsed")


@pytest.mark.parametrize(
    ("changes", "check", "said"),
    [
        # tier B allows 90 days
        ({"as_of": AT - timedelta(days=91), "done_at": AT - timedelta(days=91)}, "RBK-02",
         "longer ago than the 90 days that are allowed"),
        ({"passed": False, "lost": 3}, "RBK-05", "3 lost"),
        ({"passed": False, "healthy": False}, "RBK-04", "was not healthy"),
        ({"passed": False, "restored": False}, "RBK-04", "what served before was not put back"),
        ({"passed": False, "problems": ("the server lied",)}, "RBK-02", "the server lied"),
        ({"passed": False}, "RBK-02", "no reason given"),
        ({"to_version": "v0"}, "RBK-02", "but went to v0"),
    ],
)  # fmt: skip
def test_a_drill_that_does_not_show_the_way_back_is_a_gap(changes, check, said):
    system = spoiled()
    found = step(walk(system, [a_rollback_drill(system, **changes), access(system)]), 25)

    assert (found.ok, found.check) == (False, check)
    assert said in found.answer


def test_the_policy_says_how_old_a_drill_may_be():
    policy = {"thresholds": {"RBK-02": {"max_age_days": {"A": "5", "B": "9", "C": "180"}}}}
    # done ten days before AS_OF, which is nearly five days before the page
    found = step(walk(spoiled(), policy=policy), 25)

    assert "longer ago than the 9 days" in found.answer


def test_two_drills_without_a_failure_show_a_chance_of_at_least_the_root_of_one_twentieth():
    system = spoiled()
    drills = [a_rollback_drill(system), a_rollback_drill(system, requests=400)]
    found = step(walk(system, [*drills, access(system)]), 25)

    # 0.05 ** (1 / 2) = 0.2236
    assert found.answer.endswith(
        "2 of 2 drills passed; that alone shows only that it works in 22 % of cases or more "
        "(95 % confidence)"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"person": "bo-li"},
        {"action": "rollback"},
        {"expires": AT},
        {"as_of": AT + timedelta(minutes=1)},
    ],
)
def test_access_counts_only_when_the_one_who_is_paged_showed_it_in_time(changes):
    system = spoiled()
    found = walk(system, [a_rollback_drill(system), access(system, **changes)])

    assert [(s.minute, s.check) for s in found.gaps] == [(10, "OBS-05")]
    assert found.sentence == (
        "1 of the three that must not happen: log access has to be worked out (declared, never "
        "shown: no word of ana-ruiz that they can read log)."
    )


def test_access_that_was_shown_a_quarter_ago_counts_no_more():
    system = spoiled()
    long_ago = access(system, as_of=AT - timedelta(days=91))
    found = walk(system, [a_rollback_drill(system), long_ago])

    assert [(s.minute, s.check) for s in found.gaps] == [(10, "OBS-05")]
    assert "longer ago than the 90 days that are allowed" in step(found, 10).answer


def test_how_long_reading_the_logs_took_is_said():
    system = spoiled()
    timed = access(system, seconds=exact(95, "s"))
    found = step(walk(system, [a_rollback_drill(system), timed]), 10)

    assert "ana-ruiz read them in 95 s on 2013-07-17" in found.answer


@pytest.mark.parametrize(("tier", "ok"), [("A", False), ("B", False), ("C", True)])
def test_asking_somebody_before_the_harm_is_stopped_is_allowed_at_tier_c_only(tier, ok):
    rights = but(rollback=right("rollback", autonomy="consult_one"))
    system = spoiled(
        identity={**FULL["identity"], "tier": tier},
        decisions={**FULL["decisions"], "rights": rights},
    )
    found = step(walk(system), 12)

    assert found.ok is ok
    assert "ana-ruiz, with bo-li" in found.answer


def test_one_awake_who_has_to_be_asked_is_no_meeting_and_one_asleep_is():
    asleep = but(restore=right("restore", autonomy="needs_approval", approvers=["fay-product"]))
    awake = walk(spoiled())
    found = walk(spoiled(decisions={**FULL["decisions"], "rights": asleep}))

    assert not awake.automatic[2].failed
    assert found.automatic[2].failed
    assert found.automatic[2].why.startswith("restore it: primary must have the approval of")


@pytest.mark.parametrize("action", ["rollback", "failover", "disable"])
def test_a_sleeper_who_approves_any_way_to_stop_the_harm_is_a_meeting_and_a_gap(action):
    # The walk itself overrides an output, and needs none of the three.
    by_hand = {**MODE, "respond_by": ["override_output"]}
    asleep = right(action, autonomy="needs_approval", approvers=["fay-product"])
    decisions = {**FULL["decisions"], "rights": but(**{action: asleep})}
    found = walk(spoiled(identity={"failure_modes": [by_hand]}, decisions=decisions))

    assert found.automatic[2].failed
    assert "must have the approval of fay-product, who is not on call" in found.automatic[2].why
    assert (step(found, 12).ok, step(found, 12).check) == (False, "DEC-02")
    assert "a meeting has to be convened" in found.sentence


def test_what_depends_on_nothing_needs_nobody_who_may_fail_over():
    alone = {**FULL["identity"], "dependencies": []}
    decisions = {**FULL["decisions"], "rights": but(failover=None)}

    assert step(walk(spoiled(identity=alone, decisions=decisions)), 12).ok


def test_the_backup_decides_as_the_stand_in_and_the_same_one_at_every_minute():
    tells = right("notify_users", holder="fay-product", backup="primary",
                  money_limit="10000.00 USD")  # fmt: skip
    rights = but(notify_users=tells, edge_case=right("edge_case"))
    found = walk(spoiled(decisions={**FULL["decisions"], "rights": rights}))

    assert {step(found, minute).who for minute in (30, 60, 120)} == {"ana-ruiz"}
    assert step(found, 30).details == ("told by ana-ruiz, alone, as the stand-in of fay-product",)
    assert step(found, 120).answer == (
        "ana-ruiz may promise up to 10,000.00 USD, alone, as the stand-in of fay-product"
    )


def test_the_time_of_a_drill_says_that_it_is_the_machines_and_where_it_was_taken():
    system = spoiled()
    found = walk(system, [a_rollback_drill(system, environment="test"), access(system)])
    said = "machine part only, in test, n 1; steps by hand are not in it"

    assert found.minutes.drilled_means == said
    assert f"({said})" in step(found, 25).answer


def test_whether_a_game_day_ever_walked_this_failure_is_known():
    system = spoiled()

    assert walk(system).walked_said == "never walked"
    assert walk(system, [a_game_day(system, failure_mode="wrong")]).walked_on == date(2013, 7, 15)
    assert walk(system, [a_game_day(system, failure_mode="other")]).walked_on is None


def test_the_first_who_can_answer_is_the_first_paged():
    assert walk(spoiled()).first_paged == "ana-ruiz"


def test_who_is_bound_by_law_is_what_the_claims_declare():
    assert step(walk(spoiled()), 90).answer == (
        "compliance.yaml declares that we are the deployer, and its risk class limited"
    )


def test_each_step_asks_the_rota_at_its_own_minute():
    # bo-li takes over half an hour after the page
    takes_over = {"role": "primary", "person": "bo-li",
                  "start": "2013-07-27T02:30:00Z", "end": "2013-07-27T12:00:00Z"}  # fmt: skip
    found = walk(spoiled(on_call={**FULL["on_call"], "overrides": [takes_over]}))

    assert step(found, 12).who == "ana-ruiz"
    assert step(found, 60).who == "bo-li"


def test_a_failure_mode_of_ones_choice_is_walked_through():
    feed = {"id": "no-feed", "description": "the feed is gone", "kind": "stale_data",
            "detect_by": ["inputs"], "respond_by": ["retrain", "fallback"]}  # fmt: skip
    system = spoiled(identity={"failure_modes": [MODE, feed]})
    found = walk(
        system, [*shown(system), a_fallback_drill(system)], failure_mode="no-feed"
    )  # fmt: skip

    assert (found.failure_mode, found.happened) == ("no-feed", "the feed is gone")
    assert found.response == "fallback"
    assert step(found, 15).answer.startswith("go on by cache (last-good-hour)")
    assert step(found, 25).answer.startswith("took 1.5 s in the drill 14 days before")
    assert step(found, 30).answer.endswith("seen in the drill of 2013-07-12")
    assert found.minutes.inform == 0.5


# On a Wednesday ten minutes before midnight, how a failure is answered decides on which day it is
# contained, and so when the post-mortem is due.
@pytest.mark.parametrize("at", [AT, datetime(2013, 7, 24, 23, 50, tzinfo=UTC)])
def test_all_failures_walked_at_once_are_each_walked_as_if_alone(at):
    feed = {"id": "no-feed", "description": "the feed is gone", "kind": "stale_data",
            "detect_by": ["inputs"], "respond_by": ["retrain", "fallback"]}  # fmt: skip
    unseen = {"id": "unseen", "description": "nobody sees it", "kind": "wrong_output",
              "respond_by": ["override_output"]}  # fmt: skip
    system = spoiled(identity={"failure_modes": [MODE, feed, unseen]})
    records = [*shown(system), a_fallback_drill(system)]
    told = [a_statement(record, seq) for seq, record in enumerate(records, start=1)]

    model = a_model(system)
    each = steps_of_each(
        model, system, at=at, told=ByKind(told), judging=judging(model, system, told)
    )

    ids = ("wrong", "no-feed", "unseen")
    alone = [walk(system, records, at=at, failure_mode=m, watched=False).steps for m in ids]
    assert each == alone
    assert len({steps[0].answer for steps in each}) > 1


def test_failures_that_are_answered_alike_are_walked_by_their_own_monitors_and_logs():
    asked = {"id": "asked", "holds": "predictions", "address": "asked", "timestamp": "at"}
    inputs = AREAS["signals"]["monitors"][1]
    watch = {**{k: v for k, v in inputs.items() if k != "playbook"}, "id": "asks", "log": "asked"}
    elsewhere = {**MODE, "id": "elsewhere", "detect_by": ["asks"]}
    signals = {
        "logs": [*FULL["signals"]["logs"], asked],
        "monitors": [*AREAS["signals"]["monitors"], watch],
    }
    system = spoiled(identity={"failure_modes": [MODE, elsewhere]}, signals=signals)
    records = shown(system)
    told = ByKind([a_statement(record, seq) for seq, record in enumerate(records, start=1)])

    model = a_model(system)
    each = steps_of_each(model, system, at=AT, told=told, judging=judging(model, system, told.all))

    ids = ("wrong", "elsewhere")
    alone = [walk(system, records, failure_mode=mode, watched=False).steps for mode in ids]
    assert each == alone
    first, second = ({s.minute: (s.answer, s.looked_at) for s in steps} for steps in each)
    assert {minute for minute in first if first[minute] != second[minute]} == {0, 10, 15, 45}


def test_without_a_choice_a_wrong_output_that_going_back_answers_comes_first():
    by_hand = {**MODE, "id": "by-hand", "respond_by": ["override_output"]}
    both = spoiled(identity={"failure_modes": [by_hand, MODE]})
    one = spoiled(identity={"failure_modes": [by_hand]})

    assert walk(both).failure_mode == "wrong"
    assert walk(one).failure_mode == "by-hand"


def test_what_is_done_by_hand_has_to_have_been_tried_by_who_may_do_it():
    system = spoiled(identity={"failure_modes": [{**MODE, "respond_by": ["disable"]}]})
    tried = access(system, action="disable", seconds=exact(20, "s"))

    untried = step(walk(system), 25)
    found = step(walk(system, [*shown(system), tried]), 25)

    assert (untried.ok, untried.check) == (False, "DEC-04")
    assert untried.answer.startswith("declared, never rehearsed: no word of ana-ruiz")
    assert found.ok
    assert found.answer == "ana-ruiz could switch it off in 20 s, tried on 2013-07-17"


@pytest.mark.parametrize(
    ("why", "answer", "check"),
    [
        ("", "ana-ruiz could switch it off: the no-op ran in 0.4 s on 2013-07-20", ""),
        ("exit 1", "ana-ruiz tried to switch it off on 2013-07-20, in vain: exit 1", "DEC-04"),
    ],
)
def test_a_no_op_that_was_run_answers_for_what_is_done_by_hand(why, answer, check):
    system = spoiled(identity={"failure_modes": [{**MODE, "respond_by": ["disable"]}]})
    before = access(system, action="disable")
    drill = an_access_drill(system, "ana-ruiz", why, actions=("disable",))

    found = step(walk(system, [*shown(system), before, drill]), 25)

    assert (found.answer, found.check) == (answer, check)


@pytest.mark.parametrize(
    ("why", "answer", "check"),
    [
        ("", "ana-ruiz ran the query of the logs in 0.4 s on 2013-07-20; the log is", ""),
        ("exit 1", "in vain: exit 1", "OBS-05"),
    ],
)
def test_the_query_of_the_logs_answers_who_can_see_them(why, answer, check):
    system = spoiled()

    found = step(walk(system, [*shown(system), an_access_drill(system, "ana-ruiz", why)]), 10)

    assert answer in found.answer
    assert found.check == check


def test_an_output_that_nobody_tried_to_override_is_a_gap_that_only_the_walk_finds():
    system = spoiled(identity={"failure_modes": [{**MODE, "respond_by": ["override_output"]}]})

    assert step(walk(system), 25).check == "INC-01"


def test_a_failure_mode_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UsageError) as caught:
        walk(spoiled(), failure_mode="wrnog")

    problem = caught.value.problems[0]
    assert "has no failure mode 'wrnog'" in problem.message
    assert problem.where.startswith("systems/flight-delay/system.yaml:")
    assert problem.remedy == "name one that it has: wrong"


def test_the_clocks_of_the_law_run_for_a_provider_of_a_high_risk_system():
    legal = {"role": "provider", "risk_class": "high", "jurisdictions": ["EU"]}
    lines = step(walk(spoiled(compliance={"legal": legal})), 90).details

    # 27 July and 15, 10 and 2 days
    assert [day for line in lines for day in ("2013-08-11", "2013-08-06", "2013-07-29")
            if day in line] == ["2013-08-11", "2013-08-06", "2013-07-29"]  # fmt: skip
    assert all("check with counsel" in line for line in lines[:3])


def test_the_clock_of_a_contract_ends_so_many_hours_after_the_page():
    agreement = {"to": "gates", "objective": "answers", "target": "0.98", "notice_hours": "24"}
    lines = step(walk(spoiled(service_levels={"agreements": [agreement]})), 90).details

    assert "contract with gates: notice within 24 h, by Sun 2013-07-28 02:00 UTC" in lines


def test_the_last_incident_says_how_far_it_reached_and_who_held_its_post_mortem():
    incident = {
        "id": "storm", "title": "a storm", "severity": "sev2", "state": "closed",
        "detected_by": "monitor", "failure_mode": "wrong", "detected_at": "2013-06-01T00:00:00Z",
        "decisions_exposed": "120", "money_lost": "4200.00 USD",
        "post_mortem": {"owner": "fay-product", "due": "2013-06-10"},
    }  # fmt: skip
    found = walk(a_system(**FULL, incidents=[incident]))

    assert "last time (storm): decisions 120, money 4,200.00 USD" in step(found, 45).details
    assert step(found, 240).who == "fay-product"


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2013, 7, 26), date(2013, 8, 2)),  # Friday: Monday to Friday of the next week
        (date(2013, 7, 27), date(2013, 8, 2)),  # Saturday: the same
        (date(2013, 7, 29), date(2013, 8, 5)),  # Monday: Tuesday to Monday
    ],
)
def test_a_post_mortem_is_due_five_working_days_after_it_is_contained(day, due):
    assert working_days_after(day, 5) == due


def test_an_owner_who_left_has_to_be_looked_up():
    found = walk(spoiled(ownership={"accountable": "data-team"}))

    assert found.automatic[0].failed
    assert "ownership.yaml names data-team, who is no person" in found.sentence


def test_statements_made_after_the_page_are_ignored():
    system = spoiled()
    later = a_rollback_drill(system, as_of=AT + timedelta(hours=1), done_at=AT)

    assert step(walk(system, [later, access(system)]), 25).check == "RBK-02"
    assert AS_OF < AT


def legal_step(**legal):
    system = spoiled(compliance={"legal": legal}, service_levels={"agreements": []})
    return step(walk(system), 90)


@pytest.mark.parametrize("place", ["DE", "EU", "EEA", "RE"])
def test_the_clock_of_a_deployer_runs_in_each_country_of_europe(place):
    found = legal_step(role="deployer", risk_class="high", jurisdictions=[place])

    assert found.ok
    assert found.details == (
        "EU: tell the provider without undue delay (Art. 26(5); check with counsel)",
    )


@pytest.mark.parametrize(
    ("risk_class", "places"), [("high", ["US", "UK"]), ("limited", ["DE"]), ("none", [])]
)
def test_no_clock_of_europe_runs_elsewhere_or_for_a_lower_risk(risk_class, places):
    found = legal_step(role="deployer", risk_class=risk_class, jurisdictions=places)

    assert found.ok
    assert found.details == (
        "no clock of the EU AI Act runs by role, risk class and place (check with counsel)",
    )


def test_where_nobody_wrote_in_which_country_a_high_risk_is_used_a_clock_may_run():
    found = legal_step(role="deployer", risk_class="high", jurisdictions=[])

    assert not found.ok
    assert found.answer == (
        "nobody has said which law binds it (jurisdictions unknown); ask counsel"
    )
    assert found.details == (
        "may run: EU: tell the provider without undue delay (Art. 26(5); check with counsel)",
    )


def test_where_nothing_is_known_of_the_law_every_clock_may_run():
    found = legal_step(role="unknown", risk_class="unknown", jurisdictions=["DE"])

    assert not found.ok
    assert len(found.details) == 4
    assert all(line.startswith("may run: EU") for line in found.details)


@pytest.mark.parametrize(
    ("hours", "said", "soon"),
    [
        ("12", ", within 12 h of its beginning", True),
        ("24", ", within 24 h of its beginning", True),
        (
            "672",
            ", within 28 days of its beginning; until then a customer may notice first",
            False,
        ),
        (None, "; how soon is not declared, so a customer may notice first", False),
    ],
)
def test_a_monitor_says_in_plain_units_how_late_it_may_notice(hours, said, soon):
    monitors = [{**m, "detect_within_hours": hours} for m in AREAS["signals"]["monitors"]]
    found = step(walk(spoiled(signals={**FULL["signals"], "monitors": monitors})), 0)

    assert (found.ok, found.check) == (soon, "" if soon else "INC-01")
    assert found.answer.endswith(f"alerts “pager”{said}")


def test_the_fastest_monitor_of_a_failure_is_the_one_that_tells():
    slow, fast = ({**MONITOR, "id": name, "automated": "true", "alert_route": "pager",
                   "detect_within_hours": hours}
                  for name, hours in (("quality", "720"), ("errors", "1")))  # fmt: skip
    mode = {**MODE, "detect_by": ["quality", "errors"]}
    signals = {**FULL["signals"], "monitors": [slow, fast]}
    found = step(walk(spoiled(identity={"failure_modes": [mode]}, signals=signals)), 0)

    assert found.ok
    assert found.answer.startswith("monitor errors (")


def test_what_no_window_has_to_fill_for_is_noticed_by_its_cadence():
    uptime = {"id": "quality", "signal": "uptime", "metric": "rate", "cadence": "hourly",
              "automated": "true", "alert_route": "pager"}  # fmt: skip
    answers = {**AREAS["service_levels"]["objectives"][0], "monitor": "quality"}
    signals = {**FULL["signals"], "monitors": [uptime]}
    system = spoiled(signals=signals, service_levels={"objectives": [answers]})
    found = step(walk(system), 0)

    assert found.ok
    assert found.answer.endswith("within 60 min of its beginning")


HOURLY = {"id": "errors", "signal": "errors", "metric": "rate", "cadence": "hourly",
          "automated": "true", "alert_route": "pager"}  # fmt: skip
NOT_KNOWN = (
    "nothing measures monitor errors: no measurement that is recorded here is of its signal, "
    "errors, so whether it runs is not known"
)


def watched_by(*monitors, detect_by):
    """The first step of a system with these monitors, those of quality and inputs measured."""
    mode = {**MODE, "detect_by": detect_by}
    signals = {**FULL["signals"], "monitors": [*AREAS["signals"]["monitors"][:2], *monitors]}
    # No objective counts errors.
    levels = {"objectives": AREAS["service_levels"]["objectives"][:2]}
    system = spoiled(identity={"failure_modes": [mode]}, signals=signals, service_levels=levels)
    return step(walk(system), 0)


def test_a_monitor_that_nothing_measures_is_no_answer_to_how_we_knew():
    found = watched_by(HOURLY, detect_by=["errors"])

    assert (found.ok, found.check) == (False, "INC-01")
    assert found.answer.endswith(f"within 60 min of its beginning; {NOT_KNOWN}")


def test_a_monitor_that_has_never_measured_is_only_declared():
    found = step(walk(spoiled(), [], watched=False), 0)

    assert (found.ok, found.check) == (False, "INC-01")
    assert "; declared, never measured: no measurement of monitor inputs is on rec" in found.answer


def test_the_alarm_that_counts_is_the_first_that_is_measured():
    soon = watched_by(HOURLY, detect_by=["errors", "inputs"])
    late = watched_by(HOURLY, detect_by=["errors", "quality"])

    assert soon.ok
    assert soon.answer.startswith("monitor inputs (")
    assert soon.details == (NOT_KNOWN,)
    # 240 h of monitor quality are 10 days, and nobody knows whether the faster one runs.
    assert (late.ok, late.check) == (False, "INC-01")
    assert "within 10 days of its beginning; until then a customer may notice" in late.answer
    assert late.answer.endswith(NOT_KNOWN)


def test_the_onset_of_a_fall_on_record_is_said_to_be_of_that_fall():
    system = spoiled()
    began = {"onset_estimate": date(2013, 4, 10), "alarm_at": date(2013, 4, 24)}
    fall = a_quality(system, as_of=AT - timedelta(days=1), **began)
    undated = a_quality(system, as_of=AT - timedelta(days=1), alarm_at=date(2013, 4, 24))
    held = a_quality(system, as_of=AT - timedelta(days=1))

    told = [step(walk(system, [*shown(system), one]), 45).details[0] for one in
            (fall, undated, held)]  # fmt: skip

    last = "onset: not known before it is measured; the last fall on record, of monitor quality "
    assert told == [
        f"{last}as measured on 2013-07-26, began about 2013-04-10",
        f"{last}as measured on 2013-07-26, began on a day that is on no record",
        "onset: after 2013-07-26, when quality was last measured and held",
    ]


@pytest.mark.parametrize(("seen", "ok"), [(True, True), (False, False)])
def test_what_a_fallback_tells_users_counts_once_a_drill_saw_it(seen, ok):
    mode = {**MODE, "id": "no-feed", "kind": "stale_data", "detect_by": ["inputs"],
            "respond_by": ["fallback"]}  # fmt: skip
    system = spoiled(identity={"failure_modes": [MODE, mode]})
    drill = a_fallback_drill(system, notice_seen=seen)
    found = step(walk(system, [*shown(system), drill], failure_mode="no-feed"), 30)

    assert (found.ok, found.check) == (ok, "" if ok else "FBK-03")
    assert ("declared, never rehearsed: no drill saw it" in found.answer) is not ok


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"from_version": "v0"}, "but went back from v0"),
        (
            {"from_digest": "sha256:" + "0" * 64},
            "but since then one of the versions was made of something else",
        ),
        ({"rests_on": "word"}, "but that v1 answered is the server's own word"),
    ],
)
def test_it_is_not_back_by_a_drill_that_does_not_show_the_versions_of_today(changes, said):
    system = spoiled()
    found = step(walk(system, [a_rollback_drill(system, **changes), access(system)]), 25)

    assert (found.ok, found.check) == (False, "RBK-02")
    assert said in found.answer
