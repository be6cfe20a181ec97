from datetime import timedelta

from ops_model.domain.evidence import Measured, VerifiedBundle
from tests.builders import (
    AS_OF,
    RUN,
    a_column,
    a_drift,
    a_fallback_drill,
    a_rollback_drill,
    a_verification,
    all_records,
    an_attestation,
)
from tests.checks.judged import but, judged, lacking, nothing

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
    assert "1 of 15 numbers lack n" in finding.message
    assert "ledger:6 columns[0].effect" in finding.message


def test_evd_06_passes_when_a_bare_number_was_replaced_by_a_later_record():
    def records(system):
        earlier = a_rollback_drill(system, seconds=bare(), as_of=AS_OF - timedelta(days=40))
        return (earlier, *all_records(system))

    assert judged("EVD-06", records=records).status == "passed"


def test_evd_06_is_unknown_when_no_number_is_on_record():
    assert judged("EVD-06", records=nothing).reason == "missing"
