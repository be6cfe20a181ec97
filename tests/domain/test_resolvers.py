"""What answers a question of a game day: from the objects alone, and never against a check."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import get_args

import pytest

from ops_model.check.judge import judge
from ops_model.check.question import PerTier
from ops_model.domain.resolve import LIMITS
from ops_model.domain.resolver_names import ResolverName
from ops_model.domain.resolvers import RESOLVERS
from ops_model.domain.walk_scene import Scene
from ops_model.store.scenarios import shipped_scenarios
from tests.builders import (
    AS_OF,
    PEOPLE,
    a_model,
    a_statement,
    a_system,
    all_records,
    an_evidence,
    judging,
)
from tests.checks.judged import enough_for, shipped_catalogue
from tests.domain.questions_page import PAGE, page
from tests.planted_gaps import PLANTS, Plant, rehearsed
from tests.rehearsed_systems import AT, RIGHTS, SYSTEMS
from tests.site.samples import digest

BROKEN = (
    ("more-than-uptime", "flight-delay", "uptime is all that is watched",
     "QLT-01", "no monitor watches the output"),
    ("seen-at-this-n", "flight-delay", "the monitor cannot see two points",
     "QLT-03", "a fall of 9 points"),
    ("since-when", "flight-delay", "quality falls since Saturday",
     "QLT-07", "since 2013-07-20, alarm on 2013-07-20"),
    ("which-segments", "flight-delay", "the fall is taken apart by nothing",
     "QLT-05", "was never taken apart"),
    ("which-cause", "flight-delay", "the fall is taken apart by nothing",
     "QLT-05", "was never taken apart"),
    ("segment-floors", "flight-delay", "no case has a floor",
     "QLT-04", "no case has a floor of its own"),
    ("segment-counts", "flight-delay", "one case is far below its floor",
     "QLT-04", "origin JFK: 60 %"),
    ("others-exposed", "flight-delay", "no outcome is joined", "INC-04", "no outcome is logged"),
    ("what-it-knew", "flight-delay", "the input is not kept", "OBS-01", "no column keeps input"),
    ("four-fields", "flight-delay", "what was answered is not kept",
     "OBS-01", "no column keeps output"),
    ("override-logged", "flight-delay", "what was answered is not kept",
     "OBS-01", "no column keeps output"),
    ("one-decision", "flight-delay", "nobody ever looked one up",
     "OBS-03", "nobody ever looked up single decisions"),
    ("kept-long-enough", "flight-delay", "logs are kept for a month",
     "CMP-02", "at least 90 days are owed"),
    ("feed-missed", "flight-delay", "the feed is watched on weekdays",
     "OBS-04", "is told after 51 h at worst"),
    ("rule-for-it", "flight-delay", "no rule is written", "RUL-02", "no rule is written"),
    ("rule-on-served", "flight-delay", "the rule is held against nothing",
     "RUL-01", "was never held against served"),
    ("rule-missing", "flight-delay", "a refusal left no rule", "RUL-03", "refused: no rule"),
    ("how-often", "flight-delay", "what the refusal taught was never counted",
     "RUL-01", "was never counted"),
    ("rolls-back-alone", "flight-delay", "the approver is asleep",
     "DEC-02", "fay-product, who is not on call"),
    ("refunds", "flight-delay", "nobody may compensate",
     "DEC-01", "no right to answer customers has a money limit"),
    ("may-override", "flight-delay", "a team may override", "DEC-04", "gate-team is a team"),
    ("raise-ceiling", "flight-delay", "nobody may raise the ceiling",
     "DEC-01", "nobody was given the right raise_cost_ceiling"),
    ("stop-or-adopt", "flight-delay", "nobody may switch it off",
     "DEC-02", "decisions.yaml gives nobody the right disable"),
    ("going-back-rehearsed", "flight-delay", "nobody ever went back",
     "RBK-02", "no drill of going back is on record"),
    ("half-gone-back", "flight-delay", "the old model reads other features",
     "RBK-06", "it does not take the features of v2"),
    ("seen-to-work", "flight-delay", "no step looks whether it worked",
     "RBK-01", "no step looks whether it worked"),
    ("abort-point", "flight-delay", "no steps are written", "RBK-01", "no steps are written"),
    ("served-meanwhile", "flight-delay", "the way on is to wait",
     "FBK-01", "last-good-hour (wait)"),
    ("way-on", "flight-delay", "the way on is to wait", "FBK-01", "last-good-hour (wait)"),
    ("notice-shown", "flight-delay", "nobody saw the notice",
     "FBK-03", "declared, never rehearsed"),
    ("headroom", "flight-delay", "no node may fail",
     "CAP-01", "1 of 2 nodes carry 50 requests per second"),
    ("compute-instead", "flight-delay", "nothing stands in for scarce compute",
     "CAP-02", "nothing stands in for it"),
    ("serving-first", "flight-delay", "the batch goes first",
     "CAP-03", "60 requests per second are left"),
    ("slow-is-alerted", "flight-delay", "nobody hears that it is slow",
     "SLO-01", "nobody is told"),
    ("slow-beside-batch", "flight-delay", "latency was never measured",
     "SLO-02", "fast-answers was never measured"),
    ("told-on-the-way", "flight-delay", "the alert was never tried", "CST-03", "never tried"),
    ("stops-at-ceiling", "flight-delay", "there is no ceiling",
     "CST-01", "the system has no ceiling per day"),
    ("handoff-accepted", "flight-delay", "nobody accepted the handoff",
     "TRN-01", "accepted by nobody"),
    ("newcomer-drilled", "flight-delay", "nobody ever went back",
     "TRN-01", "ana-ruiz never led a rollback drill"),
    ("own-people-tonight", "flight-delay", "nobody of ours ever drilled it",
     "ONC-05", "ana-ruiz, never drilled"),
    ("own-access", "flight-delay", "our own people never did it",
     "DEC-04", "disable: ana-ruiz never"),
    ("leads-by-phase", "flight-delay", "no plan says who leads",
     "TRN-02", "no plan says who leads what"),
    ("watches-the-watcher", "flight-delay", "nobody watches",
     "OWN-08", "nobody is named for monitoring"),
    ("follows-the-rules", "flight-delay", "nobody follows the rules",
     "OWN-08", "nobody is named for policy updates"),
    ("sign-off-stands", "flight-delay", "nobody signed", "REV-05", "no sign-off is on record"),
    ("who-approved", "flight-delay", "nobody signed", "REV-05", "nobody can show it of v2"),
    ("approvals-lapse", "flight-delay", "nobody signed",
     "REV-05", "no approval of all three seats"),
    ("approver-built-it", "flight-delay", "a builder has a seat",
     "REV-02", "cy-data (product) did both"),
    ("evidence-unchanged", "flight-delay", "the ledger was changed",
     "EVD-01", "entry 12 is not what it was"),
    ("auditor-answered", "flight-delay", "the auditor was not answered",
     "CMP-05", "open: q1 (di-legal, due 2013-05-15)"),
    ("bound-by", "flight-delay", "nobody said which law binds",
     "INC-01", "not said: role, risk class"),
    ("report-missed", "flight-delay", "the report stopped", "EVD-04", "none ever came"),
    ("signed-for-users", "flight-delay", "it serves and nobody signed",
     "PRT-07", "the three seats did not sign it"),
    ("model-pinned", "support-assistant", "a name that may mean any model",
     "OBS-06", "vendor may serve any model"),
    ("fixed-questions", "support-assistant", "nobody looks which model answers",
     "OBS-06", "which model answers is on no record"),
    ("next-in-order", "support-assistant", "nothing comes after the second",
     "FBK-01", "after other-provider (second): nothing"),
    ("carries-enough", "support-assistant", "the way on carries a twentieth",
     "FBK-02", "carries 0.05 of the traffic"),
    ("fails-apart", "support-assistant", "both live in one region",
     "FBK-04", "second and vendor share west"),
    ("data-may-go", "support-assistant", "the data may not go there",
     "FBK-04", "the data may not go there"),
    ("refuses", "support-assistant", "nobody tries to talk it round",
     "RUL-04", "no suite is jailbreak"),
    ("speaks-publicly", "support-assistant", "nobody speaks to the public",
     "INC-05", "nobody is named to speak to the public"),
    ("swap-rehearsed", "support-assistant", "no exchange was rehearsed",
     "CCH-05", "no exchange was rehearsed"),
    ("trial-costed", "support-assistant", "the comparison has no price",
     "CCH-02", "what it costs is not written"),
    ("margin-written", "support-assistant", "no margin was written", "CCH-04", "no margin"),
    ("adopts", "support-assistant", "nobody adopts",
     "CCH-06", "nobody was given the right adopt_change"),
    ("pilot-decided", "invoice-extractor", "no day to decide on the pilot",
     "PRT-03", "no day is written by which it is decided"),
)  # fmt: skip
"""Each resolver, a system with one thing spoiled, the check that it names, and words of it."""


@cache
def scene(system_id: str, plant: Plant | None = None) -> Scene:
    model, system, statements = rehearsed(system_id, plant)
    weighed = judging(model, system, statements)
    return Scene.of(
        model, system, at=AT, statements=statements, judging=weighed, failure_mode="wrong-output"
    )


def status_of(check: str, system_id: str, plant: Plant | None = None) -> str:
    model, system, statements = rehearsed(system_id, plant)
    found = judge(enough_for(check), model, system, an_evidence(*statements), as_of=AS_OF)
    return next(f.status for f in found if f.check == check)


def answer(name, *, at=AT, records=all_records, policy=None, people=None, **areas):
    """What a resolver answers of the system of the builders, some of it changed."""
    system = a_system(**areas)
    model = a_model(system, policy=policy, people=people)
    statements = [a_statement(r, seq) for seq, r in enumerate(records(system), start=1)]
    weighed = judging(model, system, statements)
    of = Scene.of(model, system, at=at, statements=statements, judging=weighed, failure_mode=None)
    return RESOLVERS[name](of)


def of_earlier_plans(system):
    """All records, each drill of another text of its plan than the present."""
    for record in all_records(system):
        if record.kind in {"rollback_drill", "fallback_drill"}:
            other = [ref.model_copy(update={"digest": digest("other")}) for ref in record.claims]
            yield record.model_copy(update={"claims": tuple(other)})
        else:
            yield record


@pytest.mark.parametrize(
    ("name", "check"), [("going-back-rehearsed", "RBK-02"), ("notice-shown", "FBK-03")]
)
def test_a_drill_of_an_earlier_plan_leaves_a_question_of_a_game_day_open(name, check):
    assert answer(name).ok
    found = answer(name, records=of_earlier_plans)

    assert found.check == check
    assert "shows too little: rehearsed for an earlier text of" in found.text


def test_the_names_that_a_scenario_may_choose_from_are_those_that_there_are():
    assert sorted(get_args(ResolverName)) == sorted(RESOLVERS)


def test_each_resolver_is_asked_by_a_shipped_scenario():
    asked = {q.resolver for scenario in shipped_scenarios() for q in scenario.questions}

    assert set(RESOLVERS) - asked == set()


def test_every_limit_is_the_one_of_the_check_that_finds_the_gap():
    def default(check_id, name):
        given = shipped_catalogue().check(check_id).thresholds[name].default
        tiers = [given.at(t) for t in "ABC"] if isinstance(given, PerTier) else [given] * 3
        return tuple(float(value) for value in tiers)

    assert {key: default(*key) for key in LIMITS} == LIMITS


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_in_order_answers_every_question_or_says_why_it_does_not_arise(system):
    found = {name: resolve(scene(system)) for name, resolve in RESOLVERS.items()}

    assert {name: a.text for name, a in found.items() if a.check} == {}
    assert all(a.text and a.looked_at for a in found.values())


def test_each_resolver_is_tried_on_a_system_that_is_spoiled():
    assert {name for name, *_ in BROKEN} == set(RESOLVERS)


@pytest.mark.parametrize(
    ("name", "system", "planted", "check", "words"), BROKEN, ids=[row[0] for row in BROKEN]
)
def test_a_resolver_names_the_gap_that_was_planted_and_none_without_it(
    name, system, planted, check, words
):
    plant = next(p for p in PLANTS if p.name == planted)
    found = RESOLVERS[name](scene(system, plant))

    assert (found.check, words in found.text) == (check, True), found.text
    assert RESOLVERS[name](scene(system)).check == ""


@pytest.mark.parametrize(
    "plant", [p for p in PLANTS if not p.of_the_walk], ids=lambda plant: plant.name
)
def test_the_check_that_a_gap_names_does_not_pass(plant):
    found = {system: status_of(plant.check, system, plant) for system in plant.systems}

    assert set(found.values()) <= {"failed", "unknown"}, found


@pytest.mark.parametrize("check", sorted({p.check for p in PLANTS if not p.of_the_walk}))
def test_the_check_passes_where_nothing_is_planted(check):
    system_id = next(p.systems[0] for p in PLANTS if p.check == check)

    # some ask about incidents, and there is none
    assert status_of(check, system_id) in {"passed", "not_applicable"}


def test_nothing_outside_is_nothing_to_switch_from_and_says_so():
    bare = {"identity": {"dependencies": [], "failure_modes": []}, "fallback": None}
    found = answer("way-on", signals={"feeds": []}, **bare)

    assert (found.not_asked, found.ok) == (True, True)
    assert found.text == "it depends on nothing outside, so there is nothing to switch from"


def test_an_empty_list_of_dependencies_is_no_answer_where_another_file_names_one():
    found = answer("way-on", identity={"dependencies": [], "failure_modes": []})

    assert found.check == "FBK-01"
    assert "signals.yaml has feed weather" in found.text


UNASKED = (
    ("which-cause", "flight-delay", "what was taken apart is a fall of two years ago",
     "QLT-05", "at most 8 days are allowed"),
    ("which-segments", "flight-delay", "what was taken apart is the fall before",
     "QLT-05", "on 2013-07-19 is no part of the alarm of 2013-07-20"),
    ("which-segments", "flight-delay", "what was taken apart is a fall of another size",
     "QLT-05", "is another change than the alarm of 2013-07-20"),
    ("stops-at-ceiling", "flight-delay", "the ceiling stops nothing",
     "CST-01", "nothing stops by itself"),
    ("told-on-the-way", "flight-delay", "nobody hears of it on the way",
     "CST-01", "nobody is told on the way to daily"),
    ("margin-written", "support-assistant", "nothing was ever compared",
     "CCH-04", "no comparison is planned"),
    ("trial-costed", "support-assistant", "nothing was ever compared",
     "CCH-02", "no comparison is planned"),
    ("served-meanwhile", "flight-delay", "the feed is no dependency, nor is anything",
     "FBK-01", "no dependency is named, but"),
    ("data-may-go", "support-assistant", "nobody says who the second is",
     "FBK-04", "who gets it is not written"),
    ("next-in-order", "support-assistant", "nobody says who the second is",
     "FBK-04", "other-provider: somebody else answers, and nobody is named"),
)  # fmt: skip
"""What else a resolver finds; each once passed for an answer."""


@pytest.mark.parametrize(
    ("name", "system", "planted", "check", "words"),
    UNASKED,
    ids=[f"{r[0]}: {r[2]}" for r in UNASKED],
)
def test_what_looks_like_an_answer_is_a_gap(name, system, planted, check, words):
    plant = next(p for p in PLANTS if p.name == planted)
    found = RESOLVERS[name](scene(system, plant))

    assert (found.check, words in found.text) == (check, True), found.text


def test_one_ceiling_that_stops_is_enough_beside_one_that_only_pages():
    paged = {"id": "daily", "amount": "100.00 USD", "warn_at": ["0.8"], "owner": "ed-fin",
             "hard_action": "page_only", "alert_route": "pager"}  # fmt: skip
    stops = {**paged, "id": "later", "amount": "200.00 USD", "hard_action": "stop"}

    assert answer("stops-at-ceiling", cost={"ceilings": [paged]}).check == "CST-01"
    assert answer("stops-at-ceiling", cost={"ceilings": [paged, stops]}).check == ""


def test_a_model_of_our_own_owes_no_comparison_until_one_is_planned():
    found = answer("margin-written", change={"requests": []})

    assert found.not_asked


def test_whoever_may_raise_the_ceiling_is_named_with_what_holds_until_they_are_awake():
    found = answer("raise-ceiling")

    assert found.text == (
        "nobody who is on call then; ed-fin by day; until then the ceiling holds"
    )


def test_money_is_promised_up_to_the_limit_that_is_written():
    found = answer("refunds")

    assert found.text == ("ana-ruiz may promise money, alone, up to 500.00 USD of one incident")
    assert found.who == "ana-ruiz"


def test_a_limit_of_the_policy_takes_the_place_of_the_default():
    feed = {"id": "weather", "owner": "data-team", "freshness_max_minutes": "120",
            "watched": "weekdays", "alert_route": "pager"}  # fmt: skip
    late = answer("feed-missed", signals={"feeds": [feed]})
    allowed = answer(
        "feed-missed", signals={"feeds": [feed]}, policy={"thresholds": {"OBS-04": {"max_hours": {
            "A": "60", "B": "60", "C": "60"}}}},
    )  # fmt: skip

    assert (late.check, allowed.check) == ("OBS-04", "")
    assert "is told after 51 h at worst" in late.text


def test_what_was_shown_after_the_instant_does_not_count():
    before = answer("going-back-rehearsed", at=AS_OF - timedelta(days=11))
    after = answer("going-back-rehearsed")

    assert before.text == "declared, never rehearsed: no drill of going back is on record"
    assert after.text == (
        "42 s (n 1, single timing) in the drill by ana-ruiz, 14 days before, to v1"
    )


def test_one_may_stop_until_the_first_step_that_changes_something():
    steps = [
        {"kind": "drain", "text": "let requests finish", "expected_seconds": "30"},
        {"kind": "switch_alias", "text": "point the alias at v1.", "expected_seconds": "5"},
    ]
    found = answer("abort-point", rollback={"steps": steps})

    assert "until step 2 begins (point the alias at v1), 30 s after the decision" in found.text


def test_an_approval_of_another_version_stands_for_nothing():
    def signed_before(system):
        return tuple(all_records(a_system()))

    found = answer("sign-off-stands", records=signed_before,
                   identity={"version": {"label": "v3", "model_ref": "models/v3.json",
                                         "trained_by": ["cy-data"]}})  # fmt: skip

    assert found.check == "REV-05"
    assert "v3 has no approval of all three seats that holds" in found.text


def test_a_right_that_a_team_holds_is_nobodys_at_night():
    rights = [{**r, "holder": "gate-team", "backup": None} if r["action"] == "override_output"
              else r for r in RIGHTS]  # fmt: skip
    found = answer("may-override", decisions={"rights": rights})

    assert (found.check, found.text) == ("DEC-04", "gate-team is a team, so nobody may at night")


def test_an_owner_of_the_public_word_who_left_is_a_gap():
    gone = {**PEOPLE, "people": [
        {**p, "active_to": "2013-07-01"} if p["id"] == "fay-product" else p
        for p in PEOPLE["people"]
    ]}  # fmt: skip
    found = answer("speaks-publicly", people=gone, identity={"customer_facing": "true"})

    assert found.check == "INC-05"
    assert "fay-product is nobody who works here" in found.text


def test_an_answer_names_people_by_id():
    for resolve in RESOLVERS.values():
        found = resolve(scene("flight-delay"))
        told = " ".join((found.text, *found.details))

        assert "Ana Ruiz" not in told


def test_a_walk_of_another_failure_asks_the_same_questions():
    one = scene("support-assistant")
    other = replace(one, mode=one.system.identity.failure_modes[2])
    same = {name for name, resolve in RESOLVERS.items() if resolve(one) == resolve(other)}

    # how far it reaches is counted from the onset, by the monitors of that failure
    assert set(RESOLVERS) - same <= {"others-exposed"}


def test_the_page_of_questions_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it anew with `python -m tests.domain.questions_page`"
    )
