from datetime import timedelta

import pytest

from ops_model.domain.on_call import RotaHole
from tests.builders import (
    AREAS,
    AS_OF,
    URGENT,
    a_column,
    a_coverage,
    a_drift,
    a_fallback_drill,
    a_rollback_drill,
    all_records,
    an_access,
    an_access_drill,
    people_but,
)
from tests.checks.judged import but, judged, lacking, nothing

RIGHTS = {r["action"]: r for r in AREAS["decisions"]["rights"]}


def rights(**changes):
    """The rights of a system in order, some of them changed or (None) taken away."""
    kept = {**RIGHTS, **changes}
    return {"rights": [r for r in kept.values() if r is not None]}


def test_dec_01_passes_and_names_a_person_for_each_right():
    finding = judged("DEC-01")

    assert finding.message == "retrain: cy-data; edge_case: ana-ruiz; override_output: bo-li"


def test_dec_01_fails_when_nobody_holds_the_edge_case():
    finding = judged("DEC-01", decisions=rights(edge_case=None))

    assert finding.status == "failed"
    assert "nobody who can be reached holds: edge_case" in finding.message


def test_dec_01_fails_when_the_holder_is_away_and_there_is_no_backup():
    away = {"person": "cy-data", "start": "2013-07-20T00:00:00Z", "end": "2013-07-25T00:00:00Z"}

    assert judged("DEC-01", on_call={"absences": [away]}).status == "failed"


def test_dec_01_passes_when_the_backup_can_be_reached():
    away = {"person": "cy-data", "start": "2013-07-20T00:00:00Z", "end": "2013-07-25T00:00:00Z"}
    retrain = {**RIGHTS["retrain"], "backup": "bo-li"}

    finding = judged("DEC-01", on_call={"absences": [away]}, decisions=rights(retrain=retrain))

    assert "retrain: bo-li" in finding.message


def test_dec_01_fails_when_the_holder_left():
    assert (
        judged("DEC-01", people=people_but("cy-data", active_to="2013-07-01")).status == "failed"
    )


@pytest.mark.parametrize("action", ["edge_case", "override_output"])
def test_dec_01_fails_when_somebody_holds_it_who_is_not_on_call_and_sleeps(action):
    right = {**RIGHTS[action], "holder": "flo-risk"}

    finding = judged("DEC-01", decisions=rights(**{action: right}))

    assert finding.status == "failed"
    assert f"nobody who can be reached holds: {action};" in finding.message


def test_dec_01_passes_for_a_person_by_name_who_is_on_call_now():
    right = {**RIGHTS["edge_case"], "holder": "ana-ruiz"}

    assert "edge_case: ana-ruiz" in judged("DEC-01", decisions=rights(edge_case=right)).message


def test_dec_01_is_unknown_while_the_rota_is_not_resolved():
    assert judged("DEC-01", records=lacking("on_call_coverage")).reason == "missing"


def test_dec_02_passes_when_whoever_is_paged_decides():
    assert judged("DEC-02").message == (
        "rollback by primary, failover by primary, override_output by secondary, disable by "
        "primary: alone, and at every hour of 91 days"
    )


@pytest.mark.parametrize(
    ("tier", "autonomy", "status"),
    [
        ("A", "consult_one", "failed"),
        ("B", "needs_approval", "failed"),
        ("C", "needs_approval", "failed"),
        ("C", "consult_one", "passed"),
        ("B", "alone", "passed"),
    ],
)
@pytest.mark.parametrize("action", ["rollback", "failover", "override_output", "disable"])
def test_dec_02_fails_for_a_holder_who_must_wait_at_tiers_a_and_b(tier, autonomy, status, action):
    right = {**RIGHTS[action], "autonomy": autonomy}

    finding = judged("DEC-02", tier=tier, decisions=rights(**{action: right}))

    assert finding.status == status


@pytest.mark.parametrize("action", ["rollback", "failover", "override_output", "disable"])
def test_dec_02_fails_when_nobody_was_given_the_right(action):
    finding = judged("DEC-02", decisions=rights(**{action: None}))

    assert f"{action}: nobody holds it" in finding.message


def test_dec_02_passes_without_a_right_to_fail_over_where_nothing_is_depended_on():
    finding = judged("DEC-02", identity={"dependencies": []}, decisions=rights(failover=None))

    assert finding.status == "passed"


def night(action, start=AS_OF):
    return RotaHole(
        start=start,
        end=start + timedelta(hours=6),
        role="primary",
        why="bo-li is away",
        kind="undecidable",
        action=action,
    )


def test_dec_02_fails_for_nights_in_which_nobody_may_decide_and_names_the_first_of_each():
    later = night("disable", AS_OF + timedelta(days=7))
    gaps = (night("disable"), night("rollback"), later)

    finding = judged("DEC-02", records=but(a_coverage, undecidable=gaps))

    assert finding.message == (
        "3 spans in 91 days in which nobody may decide: disable from 2013-07-22T08:00:00Z to "
        "2013-07-22T14:00:00Z (bo-li is away); rollback from 2013-07-22T08:00:00Z to "
        "2013-07-22T14:00:00Z (bo-li is away)"
    )


def test_dec_02_is_unknown_while_the_rota_is_not_resolved():
    assert judged("DEC-02", records=lacking("on_call_coverage")).reason == "missing"


def test_dec_03_passes_and_adds_deciding_and_going_back_up():
    # Five minutes to decide and 600 seconds to go back.
    assert "rollback 15 min, failover 5 min" in judged("DEC-03").message


@pytest.mark.parametrize(
    ("approvers", "said"),
    [
        (["ed-fin", "bo-li"], "the approval of ed-fin and bo-li, which is a meeting"),
        (["ed-fin"], "the approval of ed-fin, which is a wait until they are awake"),
        ([], "the approval of somebody, which is a wait until they are awake"),
    ],
)
def test_dec_03_fails_for_an_approver_whatever_the_minutes(approvers, said):
    right = {**RIGHTS["disable"], "autonomy": "needs_approval", "approvers": approvers}

    finding = judged("DEC-03", decisions=rights(disable=right))

    assert finding.message == f"disable: needs {said}"


@pytest.mark.parametrize(
    ("tier", "minutes", "status"),
    [("A", "10", "passed"), ("A", "11", "failed"), ("B", "20", "passed"), ("B", "21", "failed"),
     ("C", "50", "passed"), ("C", "51", "failed")],
)  # fmt: skip
def test_dec_03_fails_when_deciding_and_going_back_take_too_long(tier, minutes, status):
    right = {**RIGHTS["rollback"], "max_minutes_to_decide": minutes}

    finding = judged("DEC-03", tier=tier, decisions=rights(rollback=right))

    assert finding.status == status


def test_dec_03_is_unknown_when_nobody_holds_an_urgent_right_or_there_is_no_plan():
    none = rights(rollback=None, failover=None, override_output=None, disable=None)

    assert judged("DEC-03", decisions=none).reason == "missing"
    assert judged("DEC-03", rollback=None).reason == "missing"


def access(*people, **changes):
    """All records, the words on access of these people alone, and no drill."""
    actions = [changes.pop("action")] if "action" in changes else URGENT

    def records(system):
        kept = [r for r in all_records(system) if not shows_access(r)]
        words = (
            an_access(system, person, action=action, **changes)
            for person in people
            for action in actions
        )
        return (*kept, *words)

    return records


def shows_access(record):
    return getattr(record, "topic", "") == "access" or record.kind.endswith("_drill")


def test_dec_04_passes_when_everybody_of_the_rota_took_each_urgent_step_themselves():
    finding = judged("DEC-04")

    assert finding.message == (
        "each showed it with their own access within 90 days (rollback: ana-ruiz, bo-li; "
        "failover: ana-ruiz, bo-li; disable: ana-ruiz, bo-li)"
    )
    assert finding.valid_until == AS_OF + timedelta(days=85)


def test_dec_04_passes_at_tier_a_where_only_people_can_say_it():
    assert judged("DEC-04", tier="A").status == "passed"


def test_dec_04_is_unknown_and_names_who_and_the_command():
    finding = judged("DEC-04", records=access("ana-ruiz"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message.endswith(
        "; bo-li never showed rollback; bo-li never showed failover; bo-li never showed disable"
    )
    for action in URGENT:
        command = f"ops-model attest flight-delay --topic access --action {action} --as bo-li"
        assert command in finding.remedy
    assert "--as ana-ruiz" not in finding.remedy


@pytest.mark.parametrize("action", ["failover", "disable"])
def test_dec_04_is_unknown_for_whoever_showed_every_step_but_one(action):
    def records(system):
        shown = all_records(system)
        return tuple(r for r in shown if getattr(r, "action", "") != action and not _failover(r))

    finding = judged("DEC-04", records=records)

    assert finding.reason == "missing"
    assert finding.message.endswith(f"; ana-ruiz, bo-li never showed {action}")


def _failover(record):
    return record.kind == "fallback_drill"


def test_dec_04_passes_without_a_word_on_failing_over_where_nothing_is_depended_on():
    def records(system):
        return tuple(r for r in all_records(system) if getattr(r, "action", "") != "failover")

    finding = judged("DEC-04", identity={"dependencies": []}, fallback=None, records=records)

    assert "failover" not in finding.message
    assert finding.status == "passed"


@pytest.mark.parametrize(("passed", "status"), [(True, "passed"), (False, "unknown")])
def test_dec_04_passes_for_whoever_led_a_drill_that_passed(passed, status):
    def records(system):
        said = ((p, a) for p in ("ana-ruiz", "bo-li") for a in URGENT)
        words = (
            an_access(system, person, action=action)
            for person, action in said
            if (person, action) not in {("ana-ruiz", "rollback"), ("ana-ruiz", "failover")}
        )
        kept = [r for r in all_records(system) if not shows_access(r)]
        drills = (a_rollback_drill(system, passed=passed), a_fallback_drill(system, passed=passed))
        return (*kept, *words, *drills)

    assert judged("DEC-04", records=records).status == status


def test_dec_04_is_unknown_when_it_was_shown_too_long_ago():
    old = access("ana-ruiz", "bo-li", as_of=AS_OF - timedelta(days=91))

    assert judged("DEC-04", records=old).reason == "expired"


def test_dec_04_is_unknown_when_they_reached_the_logs_and_nothing_else():
    assert judged("DEC-04", records=access("ana-ruiz", "bo-li", action="query_logs")).reason == (
        "missing"
    )


def test_dec_04_fails_for_a_team_that_holds_an_urgent_right():
    right = {**RIGHTS["disable"], "holder": "data-team"}

    finding = judged("DEC-04", decisions=rights(disable=right))

    assert (finding.status, finding.message) == (
        "failed",
        "data-team is a team; expected people who may act",
    )


@pytest.mark.parametrize(
    ("team", "said"),
    [
        ({"kind": "advisory"}, "which only advises"),
        ({"kind": "platform", "has_authority": "false"}, "which has no authority"),
    ],
)
def test_dec_04_fails_for_people_whose_team_may_only_speak(team, said):
    people = people_but("bo-li", team="board")
    people["teams"] = [*people["teams"], {"id": "board", "name": "Board", **team}]

    finding = judged("DEC-04", people=people)

    assert finding.status == "failed"
    assert f"bo-li is of board, {said}" in finding.message


def drilled(why_not="", *, as_of=AS_OF - timedelta(days=2), also=()):
    """Both ran the no-op of each urgent right; `why_not` is what became of it for bo-li."""

    def records(system):
        kept = [r for r in all_records(system) if not shows_access(r)]
        ends = {"ana-ruiz": "", "bo-li": why_not}
        drills = (
            an_access_drill(system, person, why, actions=URGENT, as_of=as_of)
            for person, why in ends.items()
        )
        return (*kept, *drills, *(build(system) for build in also))

    return records


def test_dec_04_passes_when_each_ran_the_no_op_of_the_right_and_counts_from_then():
    finding = judged("DEC-04", records=drilled())

    assert (finding.status, finding.grade) == ("passed", "E2")
    assert finding.valid_until == AS_OF + timedelta(days=88)


def test_dec_04_fails_when_the_last_attempt_was_in_vain_whatever_was_said_before():
    earlier = [lambda s: an_access(s, "bo-li", as_of=AS_OF - timedelta(days=9))]

    finding = judged("DEC-04", records=drilled("exit 1", also=earlier))

    assert finding.status == "failed"
    assert "bo-li tried rollback on 2013-07-20, in vain: exit 1" in finding.message
    assert "ana-ruiz" not in finding.message


def test_dec_04_counts_a_word_that_came_after_an_attempt_in_vain():
    words = [
        lambda s, a=a: an_access(s, "bo-li", action=a, as_of=AS_OF - timedelta(days=1))
        for a in URGENT
    ]

    assert judged("DEC-04", records=drilled("exit 1", also=words)).status == "passed"


def test_dec_04_is_unknown_when_the_no_op_was_run_too_long_ago():
    old = drilled(as_of=AS_OF - timedelta(days=91))

    assert judged("DEC-04", records=old).reason == "expired"


def test_dec_04_names_the_drill_where_a_no_op_is_declared_and_how_to_declare_one_elsewhere():
    right = {**RIGHTS["rollback"], "no_op": ["kubectl", "auth", "can-i"]}

    remedy = judged("DEC-04", decisions=rights(rollback=right), records=access()).remedy

    rollback, failover = remedy.split("; failover: ")
    assert rollback == (
        "rollback: `ops-model drill access flight-delay --as ana-ruiz`, and the same for bo-li"
    )
    assert "as `no_op` of the right in decisions.yaml, then" in failover


def test_dec_04_asks_the_person_where_a_right_names_one():
    right = {**RIGHTS["rollback"], "holder": "cy-data"}

    finding = judged("DEC-04", decisions=rights(rollback=right))

    assert "cy-data never showed rollback" in finding.message


def seats(**people):
    named = {"product": "fay-product", "reliability": "bo-li", "compliance": "di-legal"} | people
    review = [{"seat": seat, "person": person} for seat, person in named.items() if person]
    return {**AREAS["decisions"], "review": {"seats": review}}


def test_rev_01_passes_when_three_functions_are_seated():
    assert "three functions are seated" in judged("REV-01").message


def test_rev_01_fails_for_an_empty_seat_and_names_it():
    finding = judged("REV-01", decisions=seats(compliance=None))

    assert finding.status == "failed"
    assert "nobody has the seat of compliance" in finding.message


def test_rev_01_fails_for_one_person_on_two_seats():
    finding = judged("REV-01", decisions=seats(compliance="bo-li"))

    assert "bo-li has more than one seat" in finding.message
    assert "bo-li works in" in finding.message


def test_rev_01_fails_for_somebody_who_is_nobody():
    finding = judged("REV-01", decisions=seats(product="zoe-gone"))

    assert "zoe-gone is nobody in people.yaml" in finding.message


def test_rev_02_passes_when_no_builder_is_seated():
    assert "none of the 3 who decide built v2" in judged("REV-02").message


def test_rev_02_fails_for_a_builder_on_a_seat():
    finding = judged("REV-02", decisions=seats(product="cy-data"))

    assert finding.status == "failed"
    assert "cy-data (product) built v2" in finding.message


def test_rev_02_fails_for_somebody_of_the_team_that_built_it():
    finding = judged("REV-02", people=people_but("fay-product", team="model-team"))

    assert "fay-product (product) built v2" in finding.message


def test_rev_02_is_unknown_when_no_team_is_named_that_built_it():
    teams = {**AREAS["identity"]["teams"], "build": None}

    finding = judged(
        "REV-02", identity={"teams": teams}, people=people_but("fay-product", team="model-team")
    )

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "`teams.build`" in finding.remedy


def test_rev_02_is_unknown_while_nobody_is_seated_and_names_the_builders():
    finding = judged("REV-02", decisions={**AREAS["decisions"], "review": {}})

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "v2 was built by cy-data" in finding.message


def test_rev_02_is_unknown_when_nobody_is_said_to_have_built_it():
    version = {**AREAS["identity"]["version"], "trained_by": []}

    assert "trained_by" in judged("REV-02", identity={"version": version}).remedy


def test_rdy_01_passes_when_all_five_are_answered():
    assert judged("RDY-01").message == "all 5 questions are answered"


def test_rdy_01_fails_and_names_the_open_question_and_its_checks():
    finding = judged("RDY-01", records=lacking("rollback_drill"))

    assert finding.status == "failed"
    assert finding.message == (
        "4 of 5 questions are answered; open: What is the rollback, and was it tested in under "
        "ten minutes? (RBK-01, RBK-02, RBK-03, RBK-05)"
    )
    assert "ops-model drill rollback flight-delay" in finding.remedy


def test_rdy_01_passes_for_a_system_that_depends_on_nothing():
    finding = judged("RDY-01", identity={"dependencies": []}, fallback=None, signals={"feeds": []})

    assert finding.status == "passed"


def test_rdy_06_fails_with_a_remedy_for_the_open_items_alone():
    finding = judged("RDY-06", identity={"support": None}, records=lacking("spend"))

    assert finding.remedy == (
        "the owner writes the support model into system.yaml, and settles for cost "
        "monitoring what stops CST-02, as `ops-model check flight-delay --all` lists it"
    )


def test_rdy_06_passes_with_eight_items_and_carries_each_as_a_value():
    finding = judged("RDY-06")

    assert finding.status == "passed"
    assert len(finding.values) == 8
    assert all(v.measured.value == 1.0 for v in finding.values)


def test_rdy_06_fails_and_names_the_items_that_are_open():
    finding = judged("RDY-06", identity={"support": None}, service_levels=None)

    assert finding.status == "failed"
    assert finding.message == (
        "6 of 8 items are answered; open: support model, service-level agreement"
    )


@pytest.mark.parametrize(
    ("identity", "said", "remedy"),
    [
        (
            {"documentation": "docs/gone.md"},
            "7 of 8 items are answered; open: documentation (docs/gone.md is not there)",
            "the owner puts docs/gone.md there",
        ),
        (
            {"documentation": "none"},
            "7 of 8 items are answered; open: documentation ('none' says nothing)",
            "the owner writes the documentation into system.yaml",
        ),
        (
            {"support": {"channel": "x", "hours": "always", "first_response_minutes": "15"}},
            "7 of 8 items are answered; open: support model (channel 'x' says nothing)",
            "the owner writes the support model into system.yaml",
        ),
    ],
)
def test_rdy_06_fails_for_an_item_that_is_named_and_is_not_there(identity, said, remedy):
    finding = judged("RDY-06", identity=identity, not_there=["docs/gone.md"])

    assert finding.status == "failed"
    assert (finding.message, finding.remedy) == (said, remedy)


def test_rdy_06_passes_when_drift_was_found_because_that_is_a_way_to_find_it():
    moved = but(a_drift, columns=(a_column(effect=0.7, drifted=True),))

    assert judged("DRF-02", records=moved).status == "failed"
    assert judged("RDY-06", records=moved).status == "passed"


def test_rdy_06_fails_when_drift_was_never_measured():
    finding = judged("RDY-06", records=lacking("drift"))

    assert "open: drift detection" in finding.message


def test_rdy_06_fails_on_five_items_when_nothing_was_ever_shown():
    assert judged("RDY-06", records=nothing).message.startswith("3 of 8 items are answered")


def test_a_failed_drill_leaves_the_rollback_question_open():
    finding = judged("RDY-01", records=but(a_rollback_drill, lost=3))

    assert "RBK-05" in finding.message
