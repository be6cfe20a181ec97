from datetime import timedelta

import pytest

from ops_model.domain.on_call import RotaHole
from tests.builders import (
    AREAS,
    AS_OF,
    a_column,
    a_coverage,
    a_drift,
    a_rollback_drill,
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


def test_dec_01_is_unknown_while_the_rota_is_not_resolved():
    assert judged("DEC-01", records=lacking("on_call_coverage")).reason == "missing"


def test_dec_02_passes_when_whoever_is_paged_decides():
    assert judged("DEC-02").status == "passed"


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
def test_dec_02_fails_for_a_holder_who_must_wait_at_tiers_a_and_b(tier, autonomy, status):
    rollback = {**RIGHTS["rollback"], "autonomy": autonomy}

    finding = judged("DEC-02", tier=tier, decisions=rights(rollback=rollback))

    assert finding.status == status


def test_dec_02_fails_when_nobody_was_given_the_right():
    finding = judged("DEC-02", decisions=rights(rollback=None))

    assert "nobody holds it" in finding.message


def test_dec_02_fails_for_a_night_in_which_nobody_may_decide():
    night = RotaHole(
        start=AS_OF, end=AS_OF + timedelta(hours=6), role="primary", why="bo-li is away"
    )

    finding = judged("DEC-02", records=but(a_coverage, undecidable=(night,)))

    assert finding.status == "failed"
    assert "2013-07-22T08:00:00Z to 2013-07-22T14:00:00Z (bo-li is away)" in finding.message


def test_dec_02_is_unknown_while_the_rota_is_not_resolved():
    assert judged("DEC-02", records=lacking("on_call_coverage")).reason == "missing"


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
    finding = judged("RDY-01", identity={"dependencies": []}, fallback=None)

    assert finding.status == "passed"


def test_rdy_06_fails_with_a_remedy_for_the_open_items_alone():
    finding = judged("RDY-06", identity={"support": None}, records=lacking("spend"))

    assert finding.remedy == (
        "the owner writes the support model into system.yaml, and settles what stops CST-02 for "
        "cost monitoring"
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
