import pytest

from tests.builders import AREAS, people_but
from tests.checks.judged import judged, lacking, nothing

MODE = AREAS["identity"]["failure_modes"][0]


def modes(**changes):
    return {"failure_modes": [{**MODE, **changes}]}


def test_inc_02_passes_when_a_failure_is_seen_and_answered():
    assert judged("INC-02").message == "wind-unlike-training: seen by inputs; then rollback"


def test_inc_02_passes_for_every_response_that_has_a_holder_and_a_plan():
    answers = ["rollback", "override_output", "rule", "retrain"]

    assert judged("INC-02", identity=modes(respond_by=answers)).status == "passed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"detect_by": []}, "no monitor sees it"),
        ({"detect_by": ["gone"]}, "gone is no monitor"),
        ({"respond_by": []}, "nothing is done about it"),
        ({"detect_by": ["by-hand"]}, "none of by-hand runs by itself and tells somebody"),
        ({"detect_by": ["untold"]}, "none of untold runs by itself and tells somebody"),
        ({"detect_by": ["in-vain"]}, "tells somebody; “mail: gone” means nobody"),
    ],
)
def test_inc_02_fails_for_a_failure_that_nobody_sees_or_answers(change, said):
    live = AREAS["signals"]["monitors"][1]
    monitors = [
        *AREAS["signals"]["monitors"],
        {**live, "id": "by-hand", "automated": "false"},
        {**live, "id": "untold", "alert_route": None},
        {**live, "id": "in-vain", "alert_route": "mail: gone"},
    ]

    finding = judged("INC-02", identity=modes(**change), signals={"monitors": monitors})

    assert finding.status == "failed"
    assert said in finding.message


def test_inc_02_passes_when_one_of_two_monitors_runs_by_itself():
    monitors = AREAS["signals"]["monitors"]
    by_hand = {**monitors[1], "id": "by-hand", "automated": "false"}

    finding = judged(
        "INC-02",
        identity=modes(detect_by=["by-hand", "inputs"]),
        signals={"monitors": [*monitors, by_hand]},
    )

    assert finding.status == "passed"


@pytest.mark.parametrize(
    ("response", "action"),
    [
        ("rollback", "rollback"),
        ("fallback", "failover"),
        ("override_output", "override output"),
        ("disable", "disable"),
        ("rule", "edge case"),
        ("retrain", "retrain"),
    ],
)
def test_inc_02_fails_when_nobody_may_give_the_answer(response, action):
    finding = judged("INC-02", identity=modes(respond_by=[response]), decisions={"rights": []})

    assert finding.status == "failed"
    assert f"nobody holds the right to {action}" in finding.message


@pytest.mark.parametrize(
    ("response", "areas", "said"),
    [
        ("rollback", {"rollback": None}, "there is no rollback.yaml"),
        ("fallback", {"fallback": None}, "there is no fallback.yaml"),
        ("fallback", {"fallback": {"paths": []}}, "fallback.yaml has no path"),
        ("rollback", {"rollback": {"steps": []}}, "rollback.yaml has no step"),
        ("rule", {"signals": {"rules": []}}, "signals.yaml has no rule"),
        ("retrain", {"signals": {"retraining": None}}, "does not say how one retrains"),
    ],
)
def test_inc_02_fails_when_there_is_no_plan_for_the_answer(response, areas, said):
    finding = judged("INC-02", identity=modes(respond_by=[response]), **areas)

    assert finding.status == "failed"
    assert said in finding.message


def test_inc_02_is_unknown_when_no_way_of_failing_is_written():
    assert judged("INC-02", identity={"failure_modes": []}).reason == "missing"


# Contained on Thursday 2013-07-04; the fifth working day after it is Thursday the 11th.
INCIDENT = {
    "id": "storm",
    "title": "said on time in a storm",
    "severity": "sev2",
    "state": "closed",
    "detected_by": "monitor",
    "detected_at": "2013-07-04T08:00:00Z",
    "acknowledged_at": "2013-07-04T08:05:00Z",
    "contained_at": "2013-07-04T09:00:00Z",
    "restored_at": "2013-07-05T09:00:00Z",
    "closed_at": "2013-07-12T09:00:00Z",
}
ACTION = {
    "text": "watch gusts",
    "owner": "bo-li",
    "due": "2013-08-01",
    "proven_by": "DRF-02",
}
REVIEW = {
    "owner": "ana-ruiz",
    "due": "2013-07-11",
    "held_on": "2013-07-10",
    "actions": [ACTION],
}


def storm(review=None, **changes):
    held = {"post_mortem": {**REVIEW, **(review or {})}}
    return [{**INCIDENT, **held, **changes}]


def contained(**changes):
    """The incident before it was fixed, and before anybody reviewed it."""
    early = {k: v for k, v in INCIDENT.items() if k not in {"restored_at", "closed_at"}}
    return [{**early, "state": "contained", **changes}]


def test_inc_03_passes_for_an_incident_that_was_learned_from():
    finding = judged("INC-03", incidents=storm())

    assert finding.message == "incident storm (sev2) is closed, 1 action, 0 done"
    assert finding.status == "passed"
    # The action is due on the first of August; the day after, it is late.
    assert finding.valid_until.isoformat() == "2013-08-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"acknowledged_at": None}, "has been acknowledged, and acknowledged_at is not written"),
        ({"closed_at": None}, "has been closed, and closed_at is not written"),
        ({"state": "documented"}, "closed_at is written, and it is not closed"),
        ({"state": "diagnosed"}, "restored_at is written, and it is not fixed"),
        ({"closed_at": "2031-07-12T09:00:00Z"}, "closed_at 2031-07-12T09:00:00Z is still to come"),
    ],
)
def test_inc_03_fails_when_the_state_and_the_instants_contradict_each_other(change, said):
    finding = judged("INC-03", incidents=storm(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("review", "said"),
    [
        ({"owner": "gone"}, "gone is nobody in people.yaml"),
        ({"actions": []}, "led to no action"),
        ({"actions": [{**ACTION, "proven_by": None}]}, "no check would prove it"),
        ({"actions": [{**ACTION, "owner": "gone"}]}, "gone is nobody in people.yaml"),
        ({"actions": [{**ACTION, "due": "2013-07-21"}]}, "was due on 2013-07-21"),
        ({"actions": [{**ACTION, "proven_by": "ZZ-99"}]}, "ZZ-99 is no check that could prove it"),
        ({"actions": [{**ACTION, "proven_by": "INC-03"}]}, "INC-03 is no check that could prove"),
        ({"actions": [{**ACTION, "done_on": "2031-01-01"}]}, "done_on 2031-01-01 is still to"),
        ({"held_on": "2031-07-10"}, "held_on 2031-07-10 is still to come"),
    ],
)
def test_inc_03_fails_for_a_post_mortem_that_nothing_follows_from(review, said):
    finding = judged("INC-03", incidents=storm(review))

    assert finding.status == "failed"
    assert said in finding.message


def test_inc_03_passes_when_whoever_did_the_action_has_left_since():
    done = {**ACTION, "due": "2013-07-15", "done_on": "2013-07-14"}

    finding = judged(
        "INC-03",
        incidents=storm({"actions": [done]}),
        people=people_but("bo-li", active_to="2013-07-20"),
    )

    assert finding.status == "passed"
    assert finding.message.endswith("1 action, 1 done")


def done_by(check_id):
    return storm({"actions": [{**ACTION, "proven_by": check_id, "done_on": "2013-07-14"}]})


def test_inc_03_fails_for_an_action_that_is_done_while_its_check_fails():
    found = {
        kept: judged("INC-03", incidents=done_by("OM-02"), identity={"strategy": strategy})
        for kept, strategy in (
            (True, AREAS["identity"]["strategy"]),
            (False, [{**AREAS["identity"]["strategy"][0], "mechanisms": []}]),
        )
    }

    assert found[True].status == "passed"
    assert found[False].status == "failed"
    assert found[False].message == (
        "incident storm: action 'watch gusts' is said to be done, and OM-02, which would prove "
        "it, fails"
    )
    assert found[False].remedy.startswith("OM-02: ")


def test_inc_03_is_unknown_for_an_action_that_is_done_while_its_check_is_not_answered():
    finding = judged("INC-03", incidents=done_by("DRF-02"), records=lacking("drift"))

    assert finding.status == "unknown"
    assert "DRF-02, which would prove it, is not answered" in finding.message


def test_inc_03_asks_no_proof_of_an_action_that_is_still_to_be_done():
    finding = judged("INC-03", incidents=storm(), records=lacking("drift"))

    assert finding.status == "passed"


def open_since(day, **changes):
    """An incident that nobody has contained."""
    early = {k: v for k, v in INCIDENT.items() if not k.endswith("_at")}
    detected = {"state": "detected", "detected_at": f"2013-07-{day}T08:00:00Z"}
    return [{**early, **detected, **changes}]


@pytest.mark.parametrize(
    ("tier", "day", "status"),
    [("A", "21", "passed"), ("A", "20", "failed"), ("B", "19", "passed"), ("B", "18", "failed"),
     ("C", "15", "passed"), ("C", "14", "failed")],
)  # fmt: skip
def test_inc_03_fails_for_a_grave_incident_that_is_not_contained_in_days(tier, day, status):
    # Judged on 22 July at 08:00, to the minute.
    finding = judged("INC-03", tier=tier, incidents=open_since(day))

    assert finding.status == status
    assert ("and not contained; expected within" in finding.message) == (status == "failed")


def test_inc_03_fails_for_an_incident_that_was_taken_up_and_never_contained():
    taken = open_since("04", state="acknowledged", acknowledged_at="2013-07-04T08:05:00Z")

    assert judged("INC-03", incidents=taken).status == "failed"


@pytest.mark.parametrize(
    ("tier", "day", "status"),
    # Judged on 22 July: a minor incident may go on for 7, 14 or 28 days.
    [("A", "16", "passed"), ("A", "14", "failed"), ("B", "09", "passed"), ("B", "07", "failed"),
     ("C", "01", "passed")],
)  # fmt: skip
def test_inc_03_fails_when_a_minor_incident_is_never_contained(tier, day, status):
    finding = judged("INC-03", tier=tier, incidents=open_since(day, severity="sev3"))

    assert finding.status == status


def test_inc_03_fails_for_an_incident_that_is_dated_in_the_future():
    later = [{**i, "detected_at": "2031-07-04T08:00:00Z"} for i in open_since("04")]

    finding = judged("INC-03", incidents=later)

    assert finding.status == "failed"
    assert "detected_at 2031-07-04T08:00:00Z is still to come" in finding.message


CLOCK = {
    "clock": "contract_notice",
    "started_at": "2013-07-04T08:00:00Z",
    "due": "2013-07-05T08:00:00Z",
    "met_at": "2013-07-04T10:00:00Z",
    "owner": "bo-li",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"met_at": None}, "was due at 2013-07-05T08:00:00Z and is not met"),
        ({"met_at": "2031-07-04T10:00:00Z"}, "met_at 2031-07-04T10:00:00Z is still to come"),
        ({"met_at": None, "due": "2013-08-05T08:00:00Z", "owner": "gone"}, "gone is nobody"),
    ],
)
def test_inc_03_fails_for_a_deadline_that_nobody_met(change, said):
    finding = judged("INC-03", incidents=storm(clocks=[{**CLOCK, **change}]))

    assert finding.status == "failed"
    assert f"clock contract_notice: {said}" in finding.message


@pytest.mark.parametrize("met_at", ["2013-07-04T10:00:00Z", "2013-07-06T10:00:00Z"])
def test_inc_03_passes_for_a_deadline_that_was_met_in_time_or_late(met_at):
    finding = judged("INC-03", incidents=storm(clocks=[{**CLOCK, "met_at": met_at}]))

    assert finding.status == "passed"


# Detected on 2013-07-21; by law 15, 2 or 10 days, else 270 days at tier B.
@pytest.mark.parametrize(
    ("clock", "last", "days"),
    [
        ("eu_serious_incident", "2013-08-05", 15),
        ("eu_widespread", "2013-07-23", 2),
        ("eu_death", "2013-07-31", 10),
        ("eu_tell_provider", "2014-04-17", 270),
        ("contract_notice", "2014-04-17", 270),
    ],
)
def test_inc_03_fails_for_a_deadline_that_leaves_more_time_than_there_is(clock, last, days):
    new = {"detected_at": "2013-07-21T08:00:00Z", "state": "detected", "acknowledged_at": None,
           "contained_at": None}  # fmt: skip

    def due(at, **changes):
        run = {**CLOCK, "clock": clock, "met_at": None, "due": at, **changes}
        return judged("INC-03", incidents=contained(**new, clocks=[run]))

    late = due("9998-07-21T08:00:00Z")

    assert due(f"{last}T23:59:00Z").status == "passed"
    assert late.status == "failed"
    assert (
        f"clock {clock}: is due on 9998-07-21; expected by {last}, {days} days after it was "
        "detected"
    ) in late.message
    assert len(late.looked_at) == 2
    assert due("9998-07-21T08:00:00Z", met_at="2013-07-21T10:00:00Z").status == "passed"


# Held on 2013-07-10, and 270 days after it is the sixth of April.
@pytest.mark.parametrize(("due", "status"), [("2014-04-06", "passed"), ("2014-04-07", "failed")])
def test_inc_03_fails_for_an_action_that_is_put_off_for_ever(due, status):
    done = {**ACTION, "due": "9998-08-01", "done_on": "2013-07-20", "proven_by": "DRF-02"}

    finding = judged("INC-03", incidents=storm({"actions": [done, {**ACTION, "due": due}]}))

    assert finding.status == status
    said = "action 'watch gusts': is due on 2014-04-07; expected by 2014-04-06"
    assert (said in finding.message) == (status == "failed")
    assert "9998" not in finding.message


def test_inc_03_fails_for_a_post_mortem_of_a_minor_incident_that_is_put_off_for_ever():
    planned = {"owner": "ana-ruiz", "due": "9998-07-30"}

    finding = judged("INC-03", incidents=contained(severity="sev3", post_mortem=planned))

    assert "the post-mortem is due on 9998-07-30; expected by 2014-03-31" in finding.message


def test_inc_03_passes_until_the_deadline_that_still_runs():
    running = {**CLOCK, "met_at": None, "due": "2013-07-25T08:00:00Z"}

    finding = judged("INC-03", incidents=storm(clocks=[running]))

    assert finding.valid_until.isoformat() == "2013-07-25T08:00:00+00:00"


def test_inc_03_fails_when_it_was_closed_and_nobody_held_the_post_mortem():
    finding = judged("INC-03", incidents=storm({"held_on": None}))

    assert "closed before anything was learned from it" in finding.message


@pytest.mark.parametrize(("severity", "status"), [("sev1", "failed"), ("sev3", "passed")])
def test_inc_03_fails_when_a_grave_incident_has_no_post_mortem_after_five_working_days(
    severity, status
):
    finding = judged("INC-03", incidents=contained(severity=severity))

    assert finding.status == status
    assert ("no post-mortem; it was due on 2013-07-11" in finding.message) == (status == "failed")


def test_inc_03_passes_while_there_is_still_time_for_the_post_mortem():
    # Contained on Friday the 19th; the fifth working day is Friday the 26th.
    late = {"detected_at": "2013-07-19T08:00:00Z", "acknowledged_at": "2013-07-19T08:05:00Z"}

    finding = judged("INC-03", incidents=contained(**late, contained_at="2013-07-19T09:00:00Z"))

    assert finding.status == "passed"
    assert finding.valid_until.isoformat() == "2013-07-27T00:00:00+00:00"


def test_inc_03_fails_when_the_post_mortem_is_planned_too_late_or_overdue():
    planned = {"owner": "ana-ruiz", "due": "2013-07-30"}
    overdue = {"owner": "ana-ruiz", "due": "2013-07-11"}

    assert (
        "is due on 2013-07-30; expected by 2013-07-11"
        in judged("INC-03", incidents=contained(post_mortem=planned)).message
    )
    assert (
        "was due on 2013-07-11"
        in judged("INC-03", incidents=contained(post_mortem=overdue)).message
    )


def test_inc_03_does_not_arise_without_an_incident():
    assert judged("INC-03").status == "not_applicable"


def test_inc_03_says_how_the_incident_s_own_file_is_attested():
    finding = judged("INC-03", incidents=storm(), records=nothing)

    assert finding.reason == "below_grade"
    assert (
        "`ops-model attest flight-delay --topic claims --file incidents/storm.yaml --as bo-li"
        in finding.remedy
    )


TOLD = AREAS["decisions"]["communication"]


def test_inc_05_passes_and_says_who_tells_whom_how_soon():
    finding = judged("INC-05")

    assert finding.status == "passed"
    assert "public: fay-product, press desk, within 30 min" in finding.message


@pytest.mark.parametrize("audience", ["users", "support", "owner", "public"])
def test_inc_05_fails_when_nobody_tells_one_of_them(audience):
    others = [path for path in TOLD if path["audience"] != audience]

    finding = judged("INC-05", decisions={"communication": others})

    assert finding.status == "failed"
    assert finding.message == f"nobody tells {audience}"


def test_inc_05_fails_for_a_channel_and_a_text_that_say_nothing():
    first, *others = TOLD

    finding = judged(
        "INC-05", decisions={"communication": [{**first, "channel": "none", "text": "x"}, *others]}
    )

    assert finding.status == "failed"
    assert finding.message == "users: channel 'none' says nothing; users: text 'x' says nothing"
    silent = [{**path, "text": None} for path in TOLD]
    assert judged("INC-05", decisions={"communication": silent}).status == "passed"


@pytest.mark.parametrize(
    ("tier", "users", "public"), [("A", 60, 120), ("B", 120, 240), ("C", 240, 480)]
)
@pytest.mark.parametrize("late", [0, 1])
def test_inc_05_fails_for_a_word_that_comes_when_it_is_over(tier, users, public, late):
    limits = {"users": users, "support": users, "owner": users, "public": public}
    found = {
        audience: judged(
            "INC-05",
            tier=tier,
            decisions={"communication": [
                {**path, "within_minutes": str(limit + late)}
                if path["audience"] == audience
                else {**path, "within_minutes": "1"}
                for path in TOLD
            ]},
        )
        for audience, limit in limits.items()
    }  # fmt: skip

    assert {a: f.status for a, f in found.items()} == dict.fromkeys(
        limits, "failed" if late else "passed"
    )
    assert ("users: told within" in found["users"].message) == bool(late)


def test_inc_05_passes_without_a_word_to_the_public_when_no_customer_uses_it():
    others = [path for path in TOLD if path["audience"] != "public"]

    finding = judged(
        "INC-05", identity={"customer_facing": "false"}, decisions={"communication": others}
    )

    assert finding.status == "passed"


def test_inc_05_fails_when_whoever_tells_them_has_left():
    finding = judged("INC-05", people=people_but("fay-product", active_to="2013-01-01"))

    assert "who tells public: fay-product left on 2013-01-01" in finding.message
