from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from ops_model.check.api import CrashedError, Evidence, Outcome, failed, passed
from ops_model.check.seen import seen
from ops_model.domain.values import Where
from tests.builders import (
    AS_OF,
    a_coverage,
    a_quality,
    a_statement,
    a_system,
    all_records,
    an_attestation,
    an_evidence,
)
from tests.check.making import (
    OWNER_FILE,
    PEOPLE_FILE,
    a_check,
    crashing,
    failing,
    findings_of,
    passing,
)

LATER = AS_OF.replace(hour=9)


def test_a_check_that_crashes_blocks_and_the_others_go_on():
    found = findings_of(crashing("ACME-01"), passing("ACME-02"))

    assert found["ACME-01"].status == "errored"
    assert found["ACME-01"].blocks
    assert found["ACME-02"].status == "passed"


def test_a_crash_names_the_exception_and_the_line_and_no_value():
    finding = findings_of(crashing("ACME-01"))["ACME-01"]

    assert finding.message == "crashed with KeyError, so this is not answered"
    assert finding.looked_at[0].path == "check/making.py"
    assert finding.looked_at[0].line is not None
    assert finding.remedy.startswith("mend the check at check/making.py:")


@pytest.mark.parametrize("raised", [SystemExit(0), RecursionError(), ValueError("secret")])
def test_nothing_that_a_check_raises_ends_the_judgement_or_is_repeated(raised):
    def answer(ctx):
        raise raised

    finding = findings_of(a_check("ACME-01", answer))["ACME-01"]

    assert finding.status == "errored"
    assert "secret" not in finding.message


@pytest.mark.parametrize("returned", [None, True, "passed", {"status": "passed"}])
def test_a_check_that_returns_no_outcome_is_errored_and_never_passes(returned):
    finding = findings_of(a_check("ACME-01", lambda ctx: returned))["ACME-01"]

    assert finding.status == "errored"
    assert f"returned {type(returned).__name__}" in finding.message


def test_a_check_that_tries_to_pass_over_nothing_is_errored():
    finding = findings_of(a_check("ACME-01", lambda ctx: passed("fine", looked_at=[])))["ACME-01"]

    assert finding.status == "errored"


def test_a_check_that_looked_at_something_that_is_no_place_is_errored():
    outcome = Outcome("passed", "fine", ("somewhere",))

    assert findings_of(a_check("ACME-01", lambda ctx: outcome))["ACME-01"].status == "errored"


def test_an_owner_that_cannot_be_an_id_is_errored_and_never_dropped():
    outcome = Outcome("failed", "bad", (OWNER_FILE,), "mend it", owner="Not An Id")

    assert findings_of(a_check("ACME-01", lambda ctx: outcome))["ACME-01"].status == "errored"


def asks(check_id, *others, area="ownership"):
    """Passes when all the others do."""

    def answer(ctx):
        statuses = [ctx.finding_of(o).status for o in others]
        return passed(f"they are {', '.join(statuses)}", looked_at=[OWNER_FILE])

    return a_check(check_id, answer, area=area)


def test_a_check_may_ask_another_and_gets_its_judged_finding():
    found = findings_of(asks("ACME-01", "ACME-02"), failing("ACME-02"))

    assert found["ACME-01"].message == "they are failed"


def test_a_check_is_asked_once_however_many_ask_for_it():
    calls = []

    def counted(ctx):
        calls.append(1)
        return passed("it holds", looked_at=[OWNER_FILE])

    findings_of(
        asks("ACME-01", "ACME-03"), asks("ACME-02", "ACME-03"), a_check("ACME-03", counted)
    )

    assert calls == [1]


def test_asking_for_a_check_that_is_not_loaded_gives_nothing():
    outcome = a_check(
        "ACME-01",
        lambda ctx: passed(str(ctx.finding_of("ACME-99")), looked_at=[OWNER_FILE]),
    )

    assert findings_of(outcome)["ACME-01"].message == "None"


def test_checks_that_ask_each_other_in_a_circle_are_all_errored():
    found = findings_of(
        asks("ACME-01", "ACME-02"), asks("ACME-02", "ACME-03"), asks("ACME-03", "ACME-01")
    )

    assert {f.status for f in found.values()} == {"errored"}
    assert "asks in a circle: ACME-01, ACME-02, ACME-03" in found["ACME-02"].message


def test_a_check_that_asks_into_a_circle_is_not_part_of_it():
    found = findings_of(
        asks("ACME-01", "ACME-02"), asks("ACME-02", "ACME-03"), asks("ACME-03", "ACME-02")
    )

    assert found["ACME-01"].message == "they are errored"


def test_a_check_in_a_circle_cannot_swallow_the_error_and_pass():
    def swallows(ctx):
        with suppress(Exception):
            ctx.finding_of("ACME-01")
        return passed("fine", looked_at=[OWNER_FILE])

    assert findings_of(a_check("ACME-01", swallows))["ACME-01"].status == "errored"


def test_a_gap_that_only_a_crash_leaves_is_a_crash_too():
    def rests(ctx):
        raise CrashedError("rests on ACME-02, which crashed")

    finding = findings_of(a_check("ACME-01", rests))["ACME-01"]

    assert finding.status == "errored"
    assert finding.message == "rests on ACME-02, which crashed, so this is not answered"


def what_is_seen(evidence, as_of=AS_OF):
    """The sequence numbers that a check gets."""
    seen = []

    def look(ctx):
        seen.extend(s.seq for s in ctx.evidence.statements)
        return passed("looked", looked_at=[PEOPLE_FILE])

    findings_of(a_check("ACME-01", look), evidence=evidence, as_of=as_of)
    return seen


def test_a_statement_made_after_the_instant_that_judges_is_not_seen():
    quality = a_quality(a_system(), as_of=LATER)

    assert what_is_seen(an_evidence(quality)) == []
    assert what_is_seen(an_evidence(quality), as_of=LATER) == [1]


def test_a_record_that_dates_itself_into_the_future_is_not_seen():
    record = a_quality(a_system(), as_of=LATER)

    assert what_is_seen(an_evidence(a_statement(record, as_of=AS_OF))) == []


@pytest.mark.parametrize("actor", ["run:run-1", "person:bo-li", "tool:ops-model"])
def test_a_word_that_is_not_on_the_ledger_as_its_speaker_s_own_is_nobody_s(actor):
    """A notebook that prints an attestation says nothing, and nobody speaks for another."""
    system = a_system()
    word = a_statement(an_attestation(system, person="ana-ruiz"))
    forged = word.model_copy(update={"actor": actor})

    assert seen(Evidence((word,)), system, AS_OF).statements == (word,)
    assert seen(Evidence((forged,)), system, AS_OF).statements == ()


def test_a_word_that_says_to_be_signed_and_is_not_is_nobody_s():
    system = a_system()
    word = a_statement(an_attestation(system, assurance="signed"), seq=7)

    assert seen(Evidence((word,)), system, AS_OF).statements == ()
    assert seen(Evidence((word,), signed=frozenset({7})), system, AS_OF).statements == (word,)


def test_evidence_of_another_system_never_reaches_a_check():
    other = a_quality(a_system("other"))
    smuggled = a_statement(other, seq=2, subject="flight-delay")
    mislaid = a_statement(a_quality(a_system()), seq=3, subject="other")

    assert what_is_seen(an_evidence(other, smuggled, mislaid)) == []


def test_statements_are_seen_in_the_order_of_the_ledger_however_they_arrive():
    system = a_system()
    first, second = (a_statement(a_coverage(system), seq) for seq in (1, 2))

    assert what_is_seen(Evidence((second, first))) == [1, 2]


@pytest.mark.parametrize(
    ("area", "owner"),
    [
        ("rollback", "bo-li"),
        ("reliability", "bo-li"),
        ("detection", "bo-li"),
        ("cost", "ed-fin"),
        ("compliance", "di-legal"),
        ("ownership", "ana-ruiz"),
        ("model", "ana-ruiz"),
    ],
)
def test_a_finding_belongs_to_whoever_answers_for_its_area(area, owner):
    assert findings_of(failing("ACME-01", area=area))["ACME-01"].owner == owner


def test_without_a_holder_of_the_area_the_accountable_person_owns_the_finding():
    system = a_system(ownership={"domains": {}})

    assert (
        findings_of(failing("ACME-01", area="cost"), system=system)["ACME-01"].owner == "ana-ruiz"
    )


def test_nobody_owns_a_finding_where_nobody_owns_the_system():
    system = a_system(ownership=None)

    assert findings_of(failing("ACME-01"), system=system)["ACME-01"].owner is None


def test_the_check_s_own_word_on_the_owner_comes_first():
    outcome = Outcome("failed", "bad", (OWNER_FILE,), "mend it", owner="cy-data")

    assert findings_of(a_check("ACME-01", lambda ctx: outcome))["ACME-01"].owner == "cy-data"


def test_a_pass_is_worth_its_weakest_place():
    system = a_system(tier="C")
    places = [OWNER_FILE, Where(path="ledger", line=2), PEOPLE_FILE]
    both = a_check("ACME-01", lambda ctx: passed("yes", looked_at=places))
    records = (an_attestation(system), a_coverage(system))

    finding = findings_of(both, system=system, evidence=an_evidence(*records))["ACME-01"]

    assert finding.grade == "E2"  # the ledger entry is observed, the file attested


def test_a_pass_below_the_minimum_grade_is_unknown_and_says_what_would_raise_it():
    policy = {"minimum_grades": {"ACME-01": {"C": "E2"}}}

    finding = findings_of(passing("ACME-01"), policy=policy)["ACME-01"]

    assert (finding.status, finding.reason) == ("unknown", "below_grade")
    assert finding.message == (
        "it holds; systems/flight-delay/ownership.yaml:1 is E1 declared, and tier C asks for E2 "
        "attested"
    )
    assert "ops-model attest flight-delay --topic ownership" in finding.remedy


def test_a_failure_is_a_failure_at_any_grade():
    policy = {"minimum_grades": {"ACME-01": {"C": "E4"}}}

    assert findings_of(failing("ACME-01"), policy=policy)["ACME-01"].status == "failed"


def test_a_pass_that_needs_an_attestation_ends_with_it():
    system = a_system(tier="C")
    ends = AS_OF.replace(month=9)
    evidence = an_evidence(an_attestation(system, expires=ends))
    needs = {"minimum_grades": {"ACME-01": {"C": "E2"}}}

    with_need = findings_of(passing("ACME-01"), system=system, evidence=evidence, policy=needs)
    without = findings_of(passing("ACME-01"), system=system, evidence=evidence)

    assert with_need["ACME-01"].valid_until == ends
    assert without["ACME-01"].valid_until is None


def test_findings_come_by_area_and_id_whatever_order_the_checks_had():
    checks = [passing("ACME-02"), passing("ACME-01"), passing("ACME-03", area="model")]

    assert list(findings_of(*checks)) == ["ACME-03", "ACME-01", "ACME-02"]
    assert list(findings_of(*reversed(checks))) == ["ACME-03", "ACME-01", "ACME-02"]


def test_the_whole_judgement_is_the_same_for_evidence_in_any_order():
    from ops_model.check.judge import judge
    from tests.builders import a_model
    from tests.checks.judged import shipped_catalogue

    system = a_system()
    evidence = an_evidence(*all_records(system))
    turned = replace(evidence, statements=evidence.statements[::-1])
    model = a_model(system)

    one = judge(shipped_catalogue(), model, system, evidence, as_of=AS_OF)
    other = judge(shipped_catalogue(), model, system, turned, as_of=AS_OF)

    assert one == other


def test_a_file_that_was_edited_after_somebody_attested_it_says_who_and_when():
    policy = {"minimum_grades": {"ACME-01": {"C": "E2"}}}
    edited = a_system(tier="C", ownership={"deputy": "cy-data"})
    earlier = an_attestation(a_system(tier="C"), as_of=AS_OF - timedelta(days=2))

    finding = findings_of(
        passing("ACME-01"), system=edited, policy=policy, evidence=an_evidence(earlier)
    )["ACME-01"]

    assert finding.reason == "below_grade"
    assert finding.message.endswith(
        "tier C asks for E2 attested; ana-ruiz attested an earlier text on 2013-07-20; the file "
        "has changed since"
    )
    assert finding.remedy.startswith("the owner ana-ruiz attests ownership.yaml again")


def test_a_pass_that_rests_on_a_measurement_of_an_earlier_text_says_so():
    before = a_system(tier="C")
    edited = a_system(tier="C", on_call={"runbook": "another"})
    rests = a_check("ACME-01", lambda ctx: passed("yes", looked_at=[Where(path="ledger", line=1)]))
    policy = {"minimum_grades": {"ACME-01": {"C": "E3"}}}
    records = an_evidence(a_coverage(before))

    finding = findings_of(rests, system=edited, policy=policy, evidence=records)["ACME-01"]

    assert finding.reason == "below_grade"
    assert finding.message.endswith("; measured for an earlier text of on_call.yaml")
    assert "ops-model check flight-delay" in finding.remedy


def test_whoever_has_to_say_it_owns_the_finding_and_stands_in_the_command():
    policy = {"minimum_grades": {"ACME-01": {"C": "E2"}}}
    decisions = Where(path="systems/flight-delay/decisions.yaml", line=1)
    about = a_check("ACME-01", lambda ctx: passed("yes", looked_at=[decisions]), area="compliance")

    finding = findings_of(about, policy=policy)["ACME-01"]

    # di-legal answers for compliance, and her word on decisions.yaml is refused.
    assert finding.owner == "ana-ruiz"
    assert "--topic claims --file decisions.yaml --as ana-ruiz" in finding.remedy


def cites_the_ledger(ctx):
    """To see what becomes of a failure that rests on a record."""
    return failed("a hole", looked_at=[Where(path="ledger", line=1)], remedy="fill it")


def test_a_failure_that_was_measured_on_an_earlier_text_says_so_and_how_to_measure_anew():
    before = a_system(tier="C")
    edited = a_system(tier="C", on_call={"runbook": "another"})
    check, records = a_check("ACME-01", cites_the_ledger), an_evidence(a_coverage(before))

    stale = findings_of(check, system=edited, evidence=records)["ACME-01"]
    fresh = findings_of(check, system=before, evidence=records)["ACME-01"]

    assert stale.message == "a hole; measured on an earlier text of on_call.yaml"
    assert stale.remedy == (
        "if on_call.yaml puts it right by now, the owner runs `ops-model check flight-delay`, "
        "which resolves the rota and records it; else fill it"
    )
    assert (fresh.message, fresh.remedy) == ("a hole", "fill it")


def test_what_sums_up_other_findings_leaves_it_to_them_to_say_that_a_text_is_an_earlier_one():
    def sums_up(ctx):
        """To see what becomes of a failure that repeats another's place."""
        found = ctx.finding_of("ACME-01")
        return failed("one is open", looked_at=found.looked_at, remedy=f"first: {found.remedy}")

    edited = a_system(tier="C", on_call={"runbook": "another"})
    evidence = an_evidence(a_coverage(a_system(tier="C")))
    checks = (a_check("ACME-01", cites_the_ledger), a_check("ACME-02", sums_up))

    found = findings_of(*checks, system=edited, evidence=evidence)

    assert found["ACME-02"].message == "one is open"
    assert found["ACME-02"].remedy == f"first: {found['ACME-01'].remedy}"
