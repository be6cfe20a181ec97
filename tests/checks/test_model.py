from typing import Annotated, get_args, get_origin, get_type_hints

import pytest
from pydantic import StringConstraints

from ops_model.check.judge import judge
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.phrases import EMPTY_PHRASES, empty_phrases, says_nothing
from ops_model.domain.policy import Waiver
from ops_model.domain.references import NAMES_ITSELF, REFERS
from ops_model.domain.scalars import SLUG_PATTERN
from ops_model.domain.scenarios import Scenario
from ops_model.domain.values import Value
from tests.builders import AREAS, AS_OF, a_model, a_system, an_evidence, people_but
from tests.checks.judged import enough_for, judged

IDENTITY = AREAS["identity"]
(MODE,), (PROMISE,) = IDENTITY["failure_modes"], IDENTITY["strategy"]
PRIMARY, SECONDARY = AREAS["on_call"]["layers"]
QUALITY = AREAS["signals"]["monitors"][0]
TO_NOBODY = "page: primary; mail: nobody-at-all"
FEED = AREAS["signals"]["feeds"][0]
LEVEL = AREAS["service_levels"]["objectives"][0]
LEVEL = {**LEVEL, "alerts": [{**LEVEL["alerts"][0], "alert_route": TO_NOBODY}]}
CEILING = AREAS["cost"]["ceilings"][0]


def staged(*stages, serves=True):
    """An identity with these stages and the days on which they began, one after the other."""
    history = [
        {"stage": stage, "at": f"{day}T00:00:00Z", "by": "bo-li"}
        for stage, day in zip(stages[::2], stages[1::2], strict=True)
    ]
    since = {} if serves else {"in_production_since": None}
    return {"stage_history": history, "version": {**IDENTITY["version"], **since}}


UNIT = AREAS["cost"]["units"][0]
COMPARISON = {
    "id": "smaller",
    "address": "compared",
    "dear_model": "large",
    "cheap_model": "small",
    "margin": "0.02",
}
ACTION = {
    "id": "route",
    "kind": "route",
    "text": "Ask the small model first.",
    "owner": "ed-fin",
    "due": "2013-09-01",
    "expected_saving_per_day": "1.00 USD",
}


def test_om_01_passes_when_everything_is_written():
    assert judged("OM-01").message.startswith("all 11 files and 14 parts of them")


def test_om_01_fails_with_the_place_of_each_missing_file_and_part():
    where = a_system(identity={"documentation": None}).identity.place_of("documentation")

    finding = judged("OM-01", change=None, identity={"documentation": None})

    assert finding.status == "failed"
    assert finding.message == (
        "2 of 25 parts are missing: there is no systems/flight-delay/change.yaml; "
        f"{where}: documentation"
    )
    assert [str(place) for place in finding.looked_at] == [
        "systems/flight-delay/change.yaml",
        str(where),
    ]


def test_om_01_passes_for_a_pilot_with_four_files():
    pilot = staged("pilot", "2013-03-01", serves=False)
    gone = dict.fromkeys(set(AREAS) - {"identity", "ownership", "decisions", "signals"})

    finding = judged("OM-01", identity=pilot, **gone)

    assert finding.status == "passed"
    assert "all 4 files" in finding.message


@pytest.mark.parametrize(
    "history",
    [[], ["pilot", "2012-11-01"], ["live", "2013-03-01", "retired", "2013-06-01"]],
)
def test_om_01_fails_when_the_stages_hide_that_the_version_serves(history):
    finding = judged("OM-01", identity=staged(*history))

    assert finding.status == "failed"
    assert "v2 is in production since 2013-03-01; and by the stages nobody" in finding.message
    assert [place.path for place in finding.looked_at] == ["systems/flight-delay/system.yaml"] * 2


def test_om_01_passes_for_a_version_that_serves_from_a_day_to_come():
    version = {**IDENTITY["version"], "in_production_since": "2013-09-01T00:00:00Z"}
    pilot = staged("pilot", "2013-03-01")

    assert judged("OM-01", identity={**pilot, "version": version}).status == "passed"


@pytest.mark.parametrize(
    ("severity", "reached", "status"),
    [("sev1", None, "failed"), ("sev3", "1", "failed"), ("sev3", None, "passed")],
)
def test_om_01_fails_when_an_incident_reached_people_whom_nobody_served(severity, reached, status):
    storm = {
        "id": "storm", "title": "said on time in a storm", "severity": severity,
        "state": "detected", "detected_by": "staff", "detected_at": "2013-07-04T08:00:00Z",
        "customers_affected": reached,
    }  # fmt: skip

    finding = judged(
        "OM-01", identity=staged("pilot", "2013-03-01", serves=False), incidents=[storm]
    )

    assert finding.status == status
    assert ("incident storm of 2013-07-04 reached people" in finding.message) == (
        status == "failed"
    )


def test_om_01_passes_without_a_fallback_where_nothing_is_depended_on():
    assert judged("OM-01", identity={"dependencies": []}, fallback=None).status == "passed"


def test_om_01_fails_for_an_assistant_without_guardrails():
    finding = judged("OM-01", identity={"kind": "llm_app"})

    assert "signals.yaml" in finding.message
    assert finding.message.endswith(": guardrails")


def test_om_02_passes_with_a_mechanism_behind_each_promise():
    assert judged("OM-02").message == "calm-gates: monitor/quality, rollback"


@pytest.mark.parametrize(
    ("mechanisms", "said"),
    [
        ([], "calm-gates: no mechanism is named"),
        (["monitor/quality", "monitor/mood"], "calm-gates: there is no monitor/mood"),
        (["wishing/hard", "hope"], "calm-gates: there is no wishing/hard, hope"),
    ],
)
def test_om_02_fails_for_a_promise_that_nothing_keeps(mechanisms, said):
    finding = judged("OM-02", identity={"strategy": [{**PROMISE, "mechanisms": mechanisms}]})

    assert (finding.status, finding.message) == ("failed", said)


def test_om_02_fails_when_the_file_that_is_named_is_not_there():
    assert "there is no rollback" in judged("OM-02", rollback=None).message


def test_nothing_was_promised_where_there_is_no_strategy():
    found = {i: judged(i, identity={"strategy": []}).status for i in ("OM-02", "OM-04")}

    assert found == {"OM-02": "not_applicable", "OM-04": "not_applicable"}


def test_om_04_passes_when_the_messy_case_is_planned():
    assert "1 failure mode for 1 promise" in judged("OM-04").message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threatens": []}, "nothing is said to threaten calm-gates"),
        ({"detect_by": []}, "wind-unlike-training: no monitor detects it"),
        ({"detect_by": ["mood"]}, "wind-unlike-training: there is no monitor mood"),
        ({"respond_by": []}, "wind-unlike-training: no response is named"),
    ],
)
def test_om_04_fails_for_what_was_not_thought_through(change, said):
    finding = judged("OM-04", identity={"failure_modes": [{**MODE, **change}]})

    assert (finding.status, finding.message) == ("failed", said)


def test_om_05_passes_when_no_text_is_empty_words_and_leaves_the_deck_s_own_words_alone():
    assert "best effort" in PROMISE["text"]
    assert judged("OM-05").status == "passed"


def test_om_05_fails_with_the_line_of_every_hit():
    spoilt = {"identity": {"purpose": "Helps, as appropriate"}, "on_call": {"runbook": "TBD"}}
    system = a_system(**spoilt)

    finding = judged("OM-05", **spoilt)

    assert finding.message == (
        f"2 empty phrases: {system.identity.place_of('purpose')}: 'as appropriate'; "
        f"{system.on_call.place_of('runbook')}: 'TBD'"
    )
    assert all(place.line for place in finding.looked_at)


LET_OFF = {
    "waivers": [
        {"check_id": "CST-07", "system": "flight-delay", "reason": "no training until autumn",
         "compensating_control": "we look as needed", "accepted_by": "flo-risk",
         "starts": "2013-07-01", "expires": "2013-08-01"},
    ],
    "switched_off": [
        {"check_id": "CMP-02", "reason": "tbc", "decided_by": "flo-risk", "since": "2013-07-01"},
    ],
}  # fmt: skip


def test_om_05_fails_for_what_lets_the_system_off_in_empty_words():
    finding = judged("OM-05", policy=LET_OFF)

    assert [str(place).split(":")[0] for place in finding.looked_at] == ["policy.yaml"] * 2
    assert "2 empty phrases: " in finding.message
    assert finding.message.endswith(": 'tbc'")


def test_om_05_passes_over_waivers_too_and_not_over_those_of_another_system():
    (waiver,) = LET_OFF["waivers"]
    good = {**waiver, "compensating_control": "weekly look"}

    finding = judged("OM-05", policy={"waivers": [good, {**waiver, "system": "another"}]})

    assert finding.status == "passed"
    assert [str(place) for place in finding.looked_at if place.path == "policy.yaml"] == [
        "policy.yaml:2"
    ]


@pytest.mark.parametrize(
    "text", ["TBD", "tbd.", "None", "-", "n/a - to be decided", "no", "never", "…"]
)
def test_a_text_of_empty_phrases_alone_says_nothing(text):
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["TBD by the board in May", "x", "as needed, weekly", "无"])
def test_a_text_with_a_word_of_its_own_says_something(text):
    assert not says_nothing(text)


def test_empty_phrases_are_whole_words_whatever_their_case():
    assert empty_phrases("Best Effort, n/a") == ("Best Effort", "n/a")
    assert empty_phrases("we wait") == ("we wait",)
    assert empty_phrases("stba, tbd-7, we waited, the etcetera") == ()
    assert all(empty_phrases(f"done {phrase}.") == (phrase,) for phrase in EMPTY_PHRASES)


def test_om_06_passes_when_every_id_names_something():
    finding = judged("OM-06")

    assert finding.message.startswith("all ")
    assert finding.message.endswith(" references name something")
    assert finding.grade == "E3"


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ({"ownership": {"deputy": "gone"}}, "ownership.yaml:2: person or team 'gone'"),
        ({"ownership": {"domains": {"cost": "gone"}}}, "ownership.yaml:4: person or team 'gone'"),
        (
            {"on_call": {"layers": [{**PRIMARY, "participants": ["bo-li", "gone"]}, SECONDARY]}},
            "on_call.yaml:8: person 'gone'",
        ),
        ({"rollback": {"author": "gone"}}, "rollback.yaml:3: person 'gone'"),
        (
            {"fallback": {"paths": [{**AREAS["fallback"]["paths"][0], "replaces": "gone"}]}},
            "dependency 'gone'",
        ),
        ({"cost": {"ceilings": [{**AREAS["cost"]["ceilings"][0], "owner": "gone"}]}}, "'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "log": "gone"}]}}, "log 'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "labels": "gone"}]}}, "log 'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "baseline": "gone"}]}}, "baseline 'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "playbook": "gone"}]}}, "playbook 'gone'"),
        (
            {"signals": {"playbooks": [{**AREAS["signals"]["playbooks"][0], "who": "gone"}]}},
            "person, team or role 'gone'",
        ),
        (
            {"decisions": {"rights": [{**AREAS["decisions"]["rights"][0], "holder": "gone"}]}},
            "person, team or role 'gone'",
        ),
        (
            {"service_levels": {"agreements": [{"to": "x", "objective": "gone", "target": "0"}]}},
            "objective 'gone'",
        ),
        (
            {"identity": {"stage_history": [{"stage": "live", "at": "2013-03-01T00:00:00Z",
                                             "by": "gone"}]}},
            "person 'gone'",
        ),
    ],
)  # fmt: skip
def test_om_06_fails_with_file_and_line_for_an_id_that_names_nothing(areas, said):
    finding = judged("OM-06", **areas)

    assert finding.status == "failed"
    assert said in finding.message
    assert all(place.line for place in finding.looked_at)


def test_om_06_fails_for_a_failure_that_names_a_scenario_which_nobody_wrote():
    mode = {**AREAS["identity"]["failure_modes"][0], "scenarios": ["G06", "G31"]}

    finding = judged("OM-06", identity={"failure_modes": [mode]})

    assert finding.status == "failed"
    assert "scenario 'G31'" in finding.message
    assert "'G06'" not in finding.message


def test_om_06_fails_for_a_runbook_that_does_not_lie_where_it_is_said_to():
    runbook = {"runbook": "docs/nights.md#storm"}
    where = a_system(on_call=runbook).on_call.place_of("runbook")

    finding = judged("OM-06", on_call=runbook, not_there=["docs/nights.md"])

    assert judged("OM-06", on_call=runbook).status == "passed"
    assert finding.status == "failed"
    assert finding.message.endswith(f"{where}: file 'docs/nights.md'")
    assert "corrects docs/nights.md, or puts the file there" in finding.remedy


@pytest.mark.parametrize("word", ["none", "TBD", "No"])
def test_om_06_fails_where_a_word_that_says_nothing_stands_in_the_place_of_a_file(word):
    finding = judged("OM-06", rollback={"runbook": word})

    assert finding.status == "failed"
    assert f"file '{word}'" in finding.message


def test_om_06_takes_an_address_and_words_for_no_file():
    addresses = {"runbook": "https://wiki.example.org/nights.md"}

    finding = judged("OM-06", on_call=addresses, rollback={"runbook": "in the red binder"})

    assert finding.status == "passed"
    assert finding.message == judged("OM-06").message


def test_om_06_fails_for_an_incident_of_a_version_that_nobody_described():
    storm = {
        "id": "storm", "title": "said on time in a storm", "severity": "sev3",
        "state": "detected", "detected_by": "staff", "detected_at": "2013-07-04T08:00:00Z",
    }  # fmt: skip

    def of(version):
        return judged("OM-06", incidents=[{**storm, "version": version}])

    assert "version 'v77'" in of("v77").message
    assert of("v1").status == "passed"


def test_om_06_passes_for_a_scenario_of_the_workbooks_own():
    mode = {**AREAS["identity"]["failure_modes"][0], "scenarios": ["G31"]}
    system = a_system(identity={"failure_modes": [mode]})
    own = Scenario(id="G31", title="x y", prompt="x y", failures=("drift",))
    model = a_model(system).model_copy(update={"scenarios": (own,)})

    (finding,) = judge(enough_for("OM-06"), model, system, an_evidence(), as_of=AS_OF)

    assert finding.status == "passed"


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (
            {"logs": [{"id": "usage", "unit": "hours", "address": "t", "warehouse": "gone"}]},
            "warehouse 'gone'",
        ),
        ({"units": [{**UNIT, "log": "gone", "good": "late == 0"}]}, "log 'gone'"),
        ({"units": [{**UNIT, "monitor": "gone"}]}, "monitor 'gone'"),
        ({"units": [{**UNIT, "outcome": "gone"}]}, "outcome 'gone'"),
        ({"comparisons": [{**COMPARISON, "warehouse": "gone"}]}, "warehouse 'gone'"),
        (
            {"bills": [{"id": "b", "address": "b.csv", "vendor": "v", "warehouse": "gone"}]},
            "warehouse 'gone'",
        ),
        (
            {"comparisons": [COMPARISON], "actions": [{**ACTION, "comparison": "small"}]},
            "comparison 'small'",
        ),
    ],
)
def test_om_06_fails_for_what_cost_names_and_is_not_there(cost, said):
    finding = judged("OM-06", cost=cost)

    assert finding.status == "failed"
    assert said in finding.message


def test_om_06_passes_when_an_action_names_a_comparison_that_there_is():
    shown = {"comparisons": [COMPARISON], "actions": [{**ACTION, "comparison": "smaller"}]}

    assert judged("OM-06", cost=shown).status == "passed"


@pytest.mark.parametrize(
    ("areas", "line"),
    [
        ({"signals": {"monitors": [{**QUALITY, "alert_route": TO_NOBODY}]}}, "signals.yaml"),
        ({"signals": {"feeds": [{**FEED, "alert_route": TO_NOBODY}]}}, "signals.yaml"),
        ({"service_levels": {"objectives": [LEVEL]}}, "service_levels.yaml"),
        ({"cost": {"ceilings": [{**CEILING, "alert_route": TO_NOBODY}]}}, "cost.yaml"),
    ],
)
def test_om_06_fails_for_each_part_of_a_route_behind_which_there_is_nobody(areas, line):
    finding = judged("OM-06", **areas)

    assert finding.status == "failed"
    assert "alert_route 'mail: nobody-at-all'" in finding.message
    assert "primary" not in finding.message
    assert f"systems/flight-delay/{line}" in finding.remedy


@pytest.mark.parametrize(
    "route", ["pager", "page: flight-delay primary", "mail: bo-li, data-team"]
)
def test_om_06_passes_for_a_route_of_a_role_a_person_a_team_or_everybody(route):
    quality, *others = AREAS["signals"]["monitors"]
    monitors = [{**quality, "alert_route": route}, *others]

    assert judged("OM-06", signals={"monitors": monitors}).status == "passed"


def test_om_06_fails_with_all_dangling_references_at_once():
    finding = judged("OM-06", ownership={"deputy": "gone"}, rollback={"author": "lost"})

    assert finding.message.startswith("2 of ")
    assert "person or team 'gone'" in finding.message
    assert "person 'lost'" in finding.message


def test_om_06_fails_where_nobody_is_there_who_accepted_a_waiver_of_this_system_or_a_switch_off():
    switch = {"check_id": "CST-08", "reason": "x", "decided_by": "ghost", "since": "2013-07-01"}

    finding = judged("OM-06", policy={"switched_off": [switch]})

    assert "policy.yaml:" in finding.message
    assert "person 'ghost'" in finding.message


def test_om_06_minds_the_waivers_of_its_own_system_only():
    waiver = {
        "check_id": "CST-08", "reason": "x", "compensating_control": "y", "accepted_by": "ghost",
        "starts": "2013-07-01", "expires": "2013-08-01",
    }  # fmt: skip

    def of(system):
        return judged("OM-06", policy={"waivers": [{**waiver, "system": system}]})

    assert "person 'ghost'" in of("flight-delay").message
    assert of("shelf-ranker").status == "passed"


def test_om_06_fails_for_somebody_whose_team_there_is_not():
    finding = judged("OM-06", people=people_but("bo-li", team="ghosts"))

    assert "people.yaml:" in finding.message
    assert "team 'ghosts'" in finding.message


def test_om_06_passes_when_a_stranger_to_the_system_has_a_team_that_there_is_not():
    assert judged("OM-06", people=people_but("flo-risk", team="ghosts")).status == "passed"


def classes_below(hint, found):
    """Every class of claims that a field's type can hold."""
    for part in get_args(hint):
        classes_below(part, found)
    if isinstance(hint, type) and issubclass(hint, Value) and hint not in found:
        found.add(hint)
        for below in get_type_hints(hint, include_extras=True).values():
            classes_below(below, found)
    return found


def is_id(hint):
    if get_origin(hint) is Annotated:
        limits = [c for c in get_args(hint) if isinstance(c, StringConstraints)]
        return any(limit.pattern == SLUG_PATTERN for limit in limits)
    return any(is_id(part) for part in get_args(hint))


def test_no_id_in_any_claim_is_forgotten():
    classes = classes_below(SystemClaims, set()) | {Waiver}

    forgotten = []
    for cls in classes:
        known = {k for c in cls.__mro__ for k in (*REFERS.get(c, ()), *NAMES_ITSELF.get(c, ()))}
        hints = get_type_hints(cls, include_extras=True)
        ids = {key for key in cls.model_fields if is_id(hints[key])}
        forgotten += [f"{cls.__name__}.{key}" for key in sorted(ids - known)]

    # A waiver names the system that it is for; one for another system is that one's affair.
    assert forgotten == ["Waiver.system"]


def test_every_kind_that_a_reference_names_is_known():
    from ops_model.domain.references import nameable

    system = a_system()
    kinds = {kind for fields in REFERS.values() for kind in fields.values()}

    assert kinds <= set(nameable(a_model(system), system))


def test_a_system_names_its_things_by_kind():
    names = a_system().names()

    assert names["version"] == {"v1", "v2", "v3"}
    assert names["right"] >= {"rollback", "failover"}
    assert names["ceiling"] == {"daily", "training"}
    assert names["incident"] == frozenset()
    assert a_system(cost=None).names()["ceiling"] == frozenset()


def test_om_06_fails_and_offers_the_id_that_was_perhaps_meant():
    steps = [{"target": "primary", "ack_within_minutes": "5"},
             {"target": "bo-lii", "ack_within_minutes": "5"}]  # fmt: skip

    finding = judged("OM-06", on_call={"escalation": steps})

    assert finding.remedy == (
        "whoever keeps systems/flight-delay/on_call.yaml corrects bo-lii, or adds the person, "
        "team or role of that id: did you mean bo-li?"
    )
