import re
from datetime import timedelta

import pytest

from ops_model.check.judge import judge
from ops_model.domain.evidence import Measured, VerifiedBundle
from tests.builders import (
    AREAS,
    AS_OF,
    RUN,
    a_column,
    a_coverage,
    a_drift,
    a_fallback_drill,
    a_model,
    a_rollback_drill,
    a_system,
    a_verification,
    all_records,
    an_attestation,
    an_evidence,
    people_but,
)
from tests.checks.judged import but, judged, lacking, nothing, shipped_catalogue

MANIFEST = "sha256:" + "b" * 64


def test_evd_01_passes_when_every_bundle_is_what_was_sealed():
    assert judged("EVD-01").message == "1 bundle and the ledger are as recorded"


def test_evd_01_fails_when_a_bundle_was_changed():
    changed = VerifiedBundle(run_id=RUN, manifest=MANIFEST, problems=("records.json changed",))

    finding = judged("EVD-01", records=but(a_verification, bundles=(changed,)))

    assert finding.status == "failed"
    assert f"{RUN}: records.json changed" in finding.message


def test_evd_01_fails_when_the_ledger_was_changed():
    finding = judged("EVD-01", records=but(a_verification, ledger_problems=("entry 4 changed",)))

    assert finding.status == "failed"


def test_evd_01_is_unknown_when_a_run_was_not_compared():
    other = VerifiedBundle(run_id="run-2", manifest=MANIFEST)

    finding = judged("EVD-01", records=but(a_verification, bundles=(other,)))

    assert finding.reason == "missing"
    assert "1 of 1 runs were not compared, such as run-1" in finding.message


def test_evd_01_is_unknown_when_nothing_was_sealed_or_compared():
    assert judged("EVD-01", records=nothing).reason == "missing"
    assert judged("EVD-01", records=lacking("verification")).reason == "missing"


def test_evd_03_passes_and_says_what_ends_first():
    finding = judged("EVD-03")

    assert finding.status == "passed"
    # The newest row of the usage log is one hour old and counts for twenty-four.
    assert "the first to end does so on 2013-07-23" in finding.message


def test_evd_03_is_unknown_when_an_attestation_ended():
    ended = but(an_attestation, expires=AS_OF)

    finding = judged("EVD-03", records=ended)

    assert finding.reason == "expired"
    assert "the ownership attestation of ana-ruiz ended on 2013-07-22" in finding.message
    assert "ops-model attest flight-delay --topic ownership" in finding.remedy


def test_evd_03_passes_when_a_newer_word_took_the_place_of_the_ended_one():
    def records(system):
        ended = an_attestation(system, as_of=AS_OF - timedelta(days=200), expires=AS_OF)
        return (ended, *all_records(system))

    assert judged("EVD-03", records=records).status == "passed"


def test_evd_03_is_unknown_when_a_drill_is_too_old():
    old = but(a_fallback_drill, as_of=AS_OF - timedelta(days=93))

    finding = judged("EVD-03", records=old)

    assert finding.reason == "expired"
    assert "FBK-03: " in finding.message


def test_evd_03_is_unknown_when_nothing_is_on_record():
    assert judged("EVD-03", records=nothing).reason == "missing"


def bare(value=0.5):
    return Measured(value=value, unit="share")


def test_evd_06_passes_when_every_number_says_what_it_rests_on():
    assert judged("EVD-06").status == "passed"


def test_evd_06_fails_and_names_the_entry_and_the_number():
    column = a_column().model_copy(update={"effect": bare()})

    finding = judged("EVD-06", records=but(a_drift, columns=(column,)))

    assert finding.status == "failed"
    assert re.match(r"1 of \d+ numbers lack n", finding.message)
    # All records of drift are this one; the last entry stands.
    kinds = enumerate(all_records(a_system()), start=1)
    entry = max(n for n, record in kinds if record.kind == "drift")
    assert f"ledger:{entry} columns[0].effect" in finding.message


def test_evd_06_passes_when_a_bare_number_was_replaced_by_a_later_record():
    def records(system):
        earlier = a_rollback_drill(system, seconds=bare(), as_of=AS_OF - timedelta(days=40))
        return (earlier, *all_records(system))

    assert judged("EVD-06", records=records).status == "passed"


def test_evd_06_is_unknown_when_no_number_is_on_record():
    assert judged("EVD-06", records=nothing).reason == "missing"


OF_THE_TOOL = ("verification", "on_call_coverage", "assessment", "review_pack")


def only_of_the_tool(system):
    return tuple(record for record in all_records(system) if record.kind in OF_THE_TOOL)


def test_evd_06_is_unknown_when_the_only_number_is_of_the_rota_that_the_tool_resolves():
    numbers = [n for record in only_of_the_tool(a_system()) for n in record.measured()]

    finding = judged("EVD-06", records=only_of_the_tool)

    assert numbers
    assert (finding.status, finding.reason) == ("unknown", "missing")


def test_evd_06_fails_for_a_number_of_the_rota_that_says_not_what_it_rests_on():
    finding = judged("EVD-06", records=but(a_coverage, covered_share=bare()))

    assert finding.status == "failed"
    assert "covered_share" in finding.message


def test_evd_02_is_unknown_when_the_tool_only_noted_what_it_does_while_it_judges():
    finding = judged("EVD-02", records=only_of_the_tool)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message == (
        "no measurement, no drill and no observation of the system is on record"
    )


def test_evd_03_is_unknown_when_the_word_on_one_file_ended_and_that_on_another_did_not():
    def records(system):
        other = an_attestation(system, "cost", topic="claims", expires=AS_OF)
        newer = an_attestation(system, "change", topic="claims", as_of=AS_OF)
        return (*all_records(system), other, newer)

    finding = judged("EVD-03", records=records)

    assert finding.reason == "expired"
    assert "--topic claims --file cost.yaml`" in finding.remedy


POLICY = AREAS["signals"]["log_policy"]


def logged(**changes):
    return {"log_policy": {**POLICY, **changes}}


def legal(risk_class, *jurisdictions):
    return {"legal": {"risk_class": risk_class, "jurisdictions": list(jurisdictions)}}


def test_cmp_02_passes_and_says_what_is_kept_for_how_long():
    assert judged("CMP-02").message == (
        "input, output, intent, outcome are logged and kept for 365 days; taken out: no personal "
        "data is logged"
    )


def test_cmp_02_fails_when_a_field_is_not_captured():
    fields = {k: v for k, v in POLICY["fields"].items() if k != "intent"}

    finding = judged("CMP-02", signals=logged(fields=fields))

    assert finding.status == "failed"
    assert "no column is named for intent" in finding.message


def test_cmp_02_fails_when_logs_are_gone_before_a_slow_leak_shows():
    finding = judged("CMP-02", signals=logged(retention_days="89"))

    assert "kept for 89 days; expected at least 90" in finding.message


def test_cmp_02_fails_when_nothing_is_taken_out_of_personal_data():
    sensitivity = {**AREAS["compliance"]["sensitivity"], "personal_data": "true"}

    finding = judged(
        "CMP-02", signals=logged(redaction="None"), compliance={"sensitivity": sensitivity}
    )

    assert finding.status == "failed"
    assert "redaction is None, and there is personal data" in finding.message


@pytest.mark.parametrize(
    ("redaction", "status"),
    [
        ("nothing", "failed"),
        ("N/A", "failed"),
        ("no redaction needed", "failed"),
        ("not redacted yet", "failed"),
        ("names and orders are masked", "passed"),
        ("all data is masked", "passed"),
        ("no names are kept", "passed"),
    ],
)
def test_cmp_02_asks_what_is_taken_out_where_there_is_personal_data(redaction, status):
    sensitivity = {**AREAS["compliance"]["sensitivity"], "personal_data": "true"}

    finding = judged(
        "CMP-02", signals=logged(redaction=redaction), compliance={"sensitivity": sensitivity}
    )

    assert finding.status == status


@pytest.mark.parametrize(
    ("days", "bound", "status"),
    [
        ("182", legal("high", "DE", "US"), "failed"),
        ("183", legal("high", "DE", "US"), "passed"),
        ("182", legal("high", "EEA"), "failed"),
        ("182", legal("high", "US"), "passed"),
        ("182", legal("limited", "DE"), "passed"),
        ("182", legal("unknown", "DE"), "unknown"),
        ("182", legal("high"), "unknown"),
        ("183", legal("unknown"), "passed"),
    ],
)
def test_cmp_02_fails_when_a_high_risk_in_europe_keeps_logs_for_under_six_months(
    days, bound, status
):
    finding = judged("CMP-02", signals=logged(retention_days=days), compliance=bound)

    assert finding.status == status


def test_cmp_02_is_unknown_when_nobody_wrote_what_is_logged():
    assert judged("CMP-02", signals={"log_policy": None}).reason == "missing"


def test_cmp_02_is_unknown_for_short_logs_when_nobody_wrote_where_the_law_places_it():
    finding = judged("CMP-02", signals=logged(retention_days="182"), compliance=None)

    assert finding.reason == "missing"
    assert "systems/flight-delay/compliance.yaml" in map(str, finding.looked_at)


QUESTION = AREAS["compliance"]["audit_questions"][0]
OPEN = {k: v for k, v in QUESTION.items() if k not in {"answer", "closed_at"}}


def asked(question, **changes):
    return {"audit_questions": [{**question, **changes}]}


def test_cmp_05_passes_when_the_question_is_answered():
    assert judged("CMP-05").message == "question q1 of internal audit is answered"


def test_cmp_05_passes_until_the_end_of_the_day_on_which_an_answer_is_due():
    finding = judged("CMP-05", compliance=asked(OPEN, due="2013-07-22"))

    assert finding.status == "passed"
    assert finding.valid_until.isoformat() == "2013-07-23T00:00:00+00:00"


def test_cmp_05_fails_when_the_answer_is_overdue():
    finding = judged("CMP-05", compliance=asked(OPEN, due="2013-07-21"))

    assert finding.status == "failed"
    assert finding.message == (
        "question q1 of internal audit was due on 2013-07-21: who approved v2?"
    )


# 180 days after the first of May is the 28th of October.
@pytest.mark.parametrize(("due", "status"), [("2013-10-28", "passed"), ("2013-10-29", "failed")])
def test_cmp_05_fails_when_an_open_question_has_more_than_half_a_year(due, status):
    finding = judged("CMP-05", compliance=asked(OPEN, due=due))

    assert finding.status == status
    said = "is due on 2013-10-29; expected by 2013-10-28, 180 days after it was asked"
    assert (said in finding.message) == (status == "failed")
    assert judged("CMP-05", compliance=asked(QUESTION, due="9998-08-05")).status == "passed"


def test_cmp_05_fails_when_a_question_was_closed_without_an_answer():
    closed = asked(OPEN, due="2013-08-21", closed_at="2013-05-10T08:00:00Z")

    assert "was closed without an answer" in judged("CMP-05", compliance=closed).message


@pytest.mark.parametrize(("owner", "said"), [("gone", "nobody in people.yaml"), ("cy-data", "")])
def test_cmp_05_fails_for_a_question_that_nobody_is_there_to_answer(owner, said):
    finding = judged("CMP-05", compliance=asked(OPEN, due="2013-08-21", owner=owner))

    assert finding.status == ("failed" if said else "passed")
    assert said in finding.message


def test_cmp_05_fails_for_an_answer_of_somebody_who_never_was_here():
    assert judged("CMP-05", compliance=asked(QUESTION, owner="gone")).status == "failed"


def test_cmp_05_passes_when_whoever_answered_has_left_since():
    left = people_but("di-legal", active_to="2013-06-01")

    assert judged("CMP-05", people=left, compliance=asked(QUESTION)).status == "passed"
    finding = judged("CMP-05", people=left, compliance=asked(OPEN, due="2013-08-21"))
    assert "di-legal left on 2013-06-01" in finding.message


@pytest.mark.parametrize(("answer", "status"), [("yes", "failed"), ("by the board", "passed")])
def test_cmp_05_fails_for_an_answer_that_is_no_sentence(answer, status):
    assert judged("CMP-05", compliance=asked(QUESTION, answer=answer)).status == status


def test_cmp_05_does_not_arise_before_anybody_asked():
    later = asked(OPEN, asked_at="2013-07-23T08:00:00Z", due="2013-08-01")

    assert judged("CMP-05", compliance=later).status == "not_applicable"


CONTROLS = AREAS["compliance"]["security"]


def test_sec_01_passes_when_each_safeguard_is_in_place():
    assert judged("SEC-01").message == (
        "public data, public exposure, moderate impact: secrets-out-of-code, rate-limit, "
        "input-is-screened, override-by-person in place"
    )


def test_sec_01_fails_for_a_safeguard_that_is_written_down_and_not_there():
    security = [{**c, "in_place": "false"} for c in CONTROLS]

    finding = judged("SEC-01", compliance={"security": security})

    assert finding.status == "failed"
    assert "secrets-out-of-code is not in place" in finding.message


def test_sec_01_fails_for_a_safeguard_of_which_nothing_is_said_and_passes_over_one_not_asked_for():
    not_asked_for, first, *others = CONTROLS
    spoilt = {"text": "x", "evidence": "none"}
    more = {**not_asked_for, **spoilt}

    finding = judged("SEC-01", compliance={"security": [{**first, **spoilt}, *others]})

    assert finding.status == "failed"
    assert finding.message.endswith(
        "secrets-out-of-code: text 'x' says nothing, evidence 'none' says nothing"
    )
    assert finding.remedy == (
        "the owner writes under `security` in compliance.yaml what is done for "
        "secrets-out-of-code, and what shows it"
    )
    assert judged("SEC-01", compliance={"security": [more, first, *others]}).status == "passed"


@pytest.mark.parametrize(
    ("change", "asked_for"),
    [
        ({"data": "confidential"}, "encrypted-at-rest"),
        ({"data": "restricted"}, "reads-are-logged"),
        ({"exposure": "partner"}, "authenticated-calls"),
        ({"exposure": "public"}, "rate-limit"),
        ({"impact": "high"}, "output-is-screened"),
        ({"personal_data": "true"}, "deletion-on-request"),
    ],
)
def test_sec_01_fails_when_something_gets_more_sensitive_and_nothing_safer(change, asked_for):
    sensitivity = {**AREAS["compliance"]["sensitivity"], **change}
    bare = [control for control in CONTROLS if control["id"] != "rate-limit"]

    finding = judged(
        "SEC-01",
        identity={"customer_facing": "false"},
        compliance={"sensitivity": sensitivity, "security": bare},
    )

    assert finding.status == "failed"
    assert f"{asked_for} is not written down" in finding.message


def sent(*classes, **changes):
    feed = AREAS["identity"]["dependencies"][0]
    return {"dependencies": [{**feed, "data_sent": list(classes), **changes}]}


def written(**changes):
    """What compliance.yaml says of the sensitivity: the least of all, with these changes."""
    least = {"data": "public", "exposure": "internal", "impact": "low"}
    return {"sensitivity": {**least, **changes}, "security": [CONTROLS[0]]}


@pytest.mark.parametrize(
    ("identity", "said", "asked_for"),
    [
        ({}, "public exposure, low impact, because customers use it", "rate-limit"),
        (
            {"customer_facing": "false", "decision_impact": "automated"},
            "moderate impact, because it decides by itself",
            "override-by-person",
        ),
        (
            {"customer_facing": "false", **sent("public", "restricted")},
            "restricted data, internal exposure, low impact, because restricted data is sent",
            "reads-are-logged",
        ),
    ],
)
def test_sec_01_takes_what_system_yaml_says_where_that_is_more(identity, said, asked_for):
    finding = judged("SEC-01", identity=identity, compliance=written())

    assert finding.status == "failed"
    assert said in finding.message
    assert f"{asked_for} is not written down" in finding.message
    assert "systems/flight-delay/system.yaml" in {w.path for w in finding.looked_at}


def test_sec_01_leaves_what_is_written_where_system_yaml_says_no_more():
    controls = [c for c in CONTROLS if c["id"] in {"access-by-role", "secrets-out-of-code"}]
    compliance = {**written(data="internal"), "security": controls}

    finding = judged("SEC-01", identity={"customer_facing": "false"}, compliance=compliance)

    assert finding.message == (
        "internal data, internal exposure, low impact: access-by-role, secrets-out-of-code in "
        "place"
    )


def test_sec_01_is_unknown_when_nobody_wrote_how_sensitive_it_is():
    assert judged("SEC-01", compliance={"sensitivity": None}).reason == "missing"


def test_sec_02_passes_when_what_is_sent_is_allowed():
    assert judged("SEC-02").message == "weather-feed is sent public data, which it may have"


def test_sec_02_fails_when_more_is_sent_than_the_contract_allows():
    finding = judged("SEC-02", identity=sent("public", "restricted"))

    assert finding.status == "failed"
    assert finding.message == ("weather-feed is sent restricted data; the contract allows public")


@pytest.mark.parametrize("kind", ["model_provider", "service", "data_feed"])
def test_sec_02_is_unknown_when_nobody_wrote_what_something_outside_is_sent(kind):
    assert judged("SEC-02", identity=sent(kind=kind)).reason == "missing"


def test_sec_02_is_unknown_for_a_model_that_is_called_when_nobody_is_named_who_serves_it():
    identity = {"kind": "llm_app", **sent("public", kind="service")}

    finding = judged("SEC-02", identity=identity)

    assert finding.reason == "missing"
    assert "names no model_provider that could be sent data" in finding.message


def test_sec_02_is_unknown_when_no_dependency_is_named_and_other_files_show_one():
    finding = judged("SEC-02", identity={"dependencies": []}, fallback=None)

    assert finding.reason == "missing"
    assert "signals.yaml has feed weather" in finding.message


def test_sec_02_does_not_arise_for_a_system_that_depends_on_nothing():
    finding = judged("SEC-02", identity={"dependencies": []}, fallback=None, signals={"feeds": []})

    assert finding.status == "not_applicable"


@pytest.mark.parametrize("days", [2, 9, 40, 100, 200, 400, 800])
def test_evd_03_asks_every_check_that_says_that_something_is_too_old(days):
    system = a_system()
    later = AS_OF + timedelta(days=days)

    found = judge(
        shipped_catalogue(), a_model(system), system, an_evidence(*all_records(system)),
        as_of=later,
    )  # fmt: skip

    old = {f.check for f in found if f.reason == "expired"} - {"EVD-03"}
    (evd_03,) = (f for f in found if f.check == "EVD-03")
    assert [check for check in sorted(old) if f"{check}: " not in evd_03.message] == []
