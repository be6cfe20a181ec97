from datetime import timedelta

from ops_model.domain.on_call import RotaHole
from tests.builders import AREAS, AS_OF, a_coverage, people_but
from tests.checks.judged import but, judged, lacking

PRIMARY, SECONDARY = AREAS["on_call"]["layers"]


def test_own_01_passes_with_a_person_who_works_here():
    assert judged("OWN-01").message == "ana-ruiz is accountable, deputy bo-li"


def test_own_01_fails_for_a_team_and_says_what_to_write():
    finding = judged("OWN-01", ownership={"accountable": "data-team"})

    assert finding.status == "failed"
    assert "data-team is a team, not a person" in finding.message
    assert "names one person" in finding.remedy
    assert str(finding.looked_at[0]) == "systems/flight-delay/ownership.yaml:1"


def test_own_01_fails_when_the_owner_left():
    finding = judged("OWN-01", people=people_but("ana-ruiz", active_to="2013-07-21"))

    assert finding.status == "failed"
    assert "ana-ruiz left on 2013-07-21" in finding.message


def test_own_01_passes_on_the_owner_s_last_day_in_their_own_zone():
    # 2013-07-22T08:00Z is still the 21st in Hawaii.
    people = people_but("ana-ruiz", active_to="2013-07-21", zone="Pacific/Honolulu")

    assert judged("OWN-01", people=people, as_of=AS_OF.replace(hour=9)).status == "passed"


def test_own_01_fails_when_owner_and_deputy_are_one():
    assert judged("OWN-01", ownership={"deputy": "ana-ruiz"}).status == "failed"


def test_own_01_fails_when_the_deputy_is_nobody():
    finding = judged("OWN-01", ownership={"deputy": "gone"})

    assert finding.status == "failed"
    assert finding.owner == "ana-ruiz"


def test_own_01_is_unknown_while_nobody_attested_the_ownership():
    finding = judged("OWN-01", records=lacking("attestation"))

    assert (finding.status, finding.reason) == ("unknown", "below_grade")
    assert "ops-model attest flight-delay --topic ownership" in finding.remedy


def test_own_04_passes_with_one_person_above_three():
    assert judged("OWN-04").status == "passed"


def test_own_04_fails_when_nobody_answers_for_cost():
    domains = {"reliability": "bo-li", "compliance": "di-legal"}

    finding = judged("OWN-04", ownership={"domains": domains})

    assert finding.status == "failed"
    assert "cost: nobody is named" in finding.message


def test_onc_01_passes_with_primaries_who_operate():
    assert judged("ONC-01").status == "passed"


def test_onc_01_fails_when_a_data_scientist_is_primary():
    layers = [{**PRIMARY, "participants": ["cy-data", "bo-li"]}, SECONDARY]

    finding = judged("ONC-01", on_call={"layers": layers})

    assert finding.status == "failed"
    assert "cy-data (data_science)" in finding.message


def test_onc_01_fails_for_an_override_that_is_not_over():
    override = {"role": "primary", "person": "cy-data", "start": "2013-07-01T00:00:00Z"}

    running = judged(
        "ONC-01", on_call={"overrides": [{**override, "end": "2013-08-01T00:00:00Z"}]}
    )
    over = judged("ONC-01", on_call={"overrides": [{**override, "end": "2013-07-02T00:00:00Z"}]})

    assert (running.status, over.status) == ("failed", "passed")


def test_onc_01_fails_when_nobody_is_ever_primary():
    assert judged("ONC-01", on_call={"layers": [SECONDARY]}).status == "failed"


def test_onc_02_passes_when_others_trained_it():
    assert judged("ONC-02").status == "passed"


def test_onc_02_fails_when_a_primary_trained_it():
    version = {**AREAS["identity"]["version"], "trained_by": ["bo-li"]}

    finding = judged("ONC-02", identity={"version": version})

    assert finding.status == "failed"
    assert "bo-li: primary on call, and trained v2" in finding.message


def test_onc_02_is_unknown_when_nobody_is_said_to_have_trained_it():
    version = {**AREAS["identity"]["version"], "trained_by": []}

    assert judged("ONC-02", identity={"version": version}).reason == "missing"


def hole(role="primary"):
    return RotaHole(
        start=AS_OF + timedelta(days=5),
        end=AS_OF + timedelta(days=5, hours=8),
        role=role,
        why="nobody is primary",
    )


def test_onc_03_passes_and_names_who_is_paged_now():
    finding = judged("ONC-03")

    assert finding.status == "passed"
    assert "the page goes to ana-ruiz, then to bo-li" in finding.message


def test_onc_03_fails_with_a_hole_and_says_when():
    finding = judged("ONC-03", records=but(a_coverage, holes=(hole(),)))

    assert finding.status == "failed"
    assert "2013-07-27T08:00:00Z to 2013-07-27T16:00:00Z" in finding.message


def test_onc_03_passes_with_a_hole_in_the_second_line_only():
    assert judged("ONC-03", records=but(a_coverage, holes=(hole("secondary"),))).status == "passed"


def test_onc_03_is_unknown_without_a_resolved_rota():
    assert judged("ONC-03", records=lacking("on_call_coverage")).reason == "missing"


def test_onc_03_is_unknown_when_the_rota_was_resolved_too_long_ago():
    old = but(a_coverage, as_of=AS_OF - timedelta(days=8))

    assert judged("ONC-03", records=old).reason == "expired"


def test_onc_03_is_unknown_when_fewer_weeks_were_resolved():
    assert judged("ONC-03", records=but(a_coverage, days=30)).reason == "too_few"


def test_onc_04_passes_without_a_gap():
    assert judged("ONC-04").status == "passed"


def test_onc_04_fails_when_one_person_holds_a_layer():
    layers = [{**PRIMARY, "participants": ["bo-li", "bo-li"]}, SECONDARY]

    finding = judged("ONC-04", on_call={"layers": layers})

    assert finding.status == "failed"
    assert "layer primary has 1" in finding.message


def test_onc_04_fails_without_a_second_line():
    finding = judged("ONC-04", on_call={"layers": [PRIMARY]})

    assert finding.status == "failed"
    assert "no layer for secondary" in finding.message


def test_onc_04_fails_with_a_hole_in_the_second_line():
    finding = judged("ONC-04", records=but(a_coverage, holes=(hole("secondary"),)))

    assert finding.status == "failed"


def test_onc_04_names_the_first_three_holes_and_counts_the_rest():
    finding = judged("ONC-04", records=but(a_coverage, holes=(hole(),) * 5))

    assert "and 2 more" in finding.message
