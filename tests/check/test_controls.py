"""What findings support of a framework: never more than was shown, with the status of the day."""

from datetime import date

import pytest

from ops_model.check.controls import CLAIMED, controls_of
from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import Grade
from ops_model.domain.frameworks import Control, ControlMapping, Register
from ops_model.workflow.assess import catalogue_of
from tests.builders import a_system
from tests.domain.test_frameworks import a_framework

DAY = date(2026, 11, 26)
REPLAY = date(2013, 7, 22)


def a_finding(check, status="passed", **changes):
    values = {
        "check": check, "slug": "is_so", "revision": 1, "area": "rollback", "question": "Is it?",
        "status": status, "grade": Grade.OBSERVED, "minimum_grade": Grade.OBSERVED,
        "message": "so", "reason": "missing" if status == "unknown" else None,
    }  # fmt: skip
    return Finding(**{**values, **changes})


def a_register(*rows, framework=None, **control):
    return Register(
        frameworks=(framework or a_framework(),),
        controls=(Control(**{"framework": "act", "id": "C1", "title": "going back", **control}),),
        mappings=tuple(
            ControlMapping(
                group=group, shows="it", framework="act", control="C1", weak=weak, certainty="sure"
            )
            for group, weak in rows
        ),
    )


def the_control(register, *findings, system=None, day=DAY, loaded=()):
    ids = tuple({*loaded, *(f.check for f in findings)})
    register = register.model_copy(update={"check_ids": ids})
    answer = controls_of(register, findings, system or a_system(), day)
    (framework,) = answer.frameworks
    (control,) = framework.controls
    return control


@pytest.mark.parametrize(
    ("statuses", "support"),
    [
        (("passed", "passed"), "supports"),
        (("passed", "not_applicable"), "supports"),
        (("passed", "failed"), "partly supports"),
        (("passed", "unknown"), "partly supports"),
        (("passed", "errored"), "partly supports"),
        (("failed", "unknown"), "not covered"),
        (("not_applicable", "not_applicable"), "not covered"),
        (("not_applicable", "failed"), "not covered"),
    ],
)
def test_a_control_is_supported_only_where_nothing_behind_it_is_open(statuses, support):
    findings = [a_finding(f"RBK-0{n}", status) for n, status in enumerate(statuses, start=1)]

    assert the_control(a_register(("RBK", False)), *findings).support == support


def test_it_names_the_checks_behind_it_and_leaves_the_others_out():
    control = the_control(
        a_register(("RBK", False), ("DEC-04", False)),
        a_finding("RBK-01"), a_finding("RBK-02", "failed"), a_finding("RBK-06", "not_applicable"),
        a_finding("DEC-04"), a_finding("DEC-03", "failed"), a_finding("OWN-01"),
    )  # fmt: skip

    assert control.passed == ("DEC-04", "RBK-01")
    assert control.still_open == ("RBK-02",)
    assert control.not_asked == ("RBK-06",)
    assert control.why == "2 of 3 checks behind it passed"


def test_a_check_that_is_loaded_and_was_not_judged_counts_as_missing():
    register = a_register(("RBK", False))

    some = the_control(register, a_finding("RBK-01"), loaded=("RBK-02", "OWN-01"))
    none = the_control(register, loaded=("RBK-02",))

    assert (some.support, some.still_open) == ("partly supports", ("RBK-02",))
    assert some.why == "1 of 2 checks behind it passed"
    assert none.support == "not covered"


def test_a_finding_of_a_check_that_is_not_loaded_supports_nothing():
    register = a_register(("TRN", False)).model_copy(update={"check_ids": ("TRN-01",)})
    findings = (a_finding("TRN-77"), a_finding("TRN-01", "not_applicable"))

    (framework,) = controls_of(register, findings, a_system(), DAY).frameworks

    assert framework.controls[0].support == "not covered"
    assert framework.controls[0].passed == ()


def test_a_check_named_like_what_only_a_claim_answers_supports_nothing():
    control = the_control(
        a_register(("FBC", False)), a_finding("FBC-01"), system=a_system(**UNWRITTEN["FBC"])
    )

    assert (control.support, control.passed) == ("not covered", ())


def test_a_waiver_or_a_switch_shows_nothing():
    register = a_register(("RBK", False))

    waived = the_control(register, a_finding("RBK-01", "failed", waived=True))
    off = the_control(register, a_finding("RBK-01", "failed", switched_off=True))

    assert waived.support == off.support == "not covered"


def test_a_weak_row_supports_in_part_at_most_and_a_strong_one_beside_it_in_full():
    weak = the_control(a_register(("CST", True)), a_finding("CST-01"))
    both = the_control(
        a_register(("CST", True), ("OWN", False)), a_finding("CST-01"), a_finding("OWN-01")
    )

    assert (weak.support, both.support) == ("partly supports", "supports")
    assert weak.why == "what the checks show is only near to what it asks"


def test_a_control_that_no_row_names_is_not_covered_and_says_so():
    control = the_control(a_register(), a_finding("RBK-01"))

    assert control.support == "not covered"
    assert control.why == "no check of ours speaks of it"


WRITTEN = {
    "INT": {},
    "IMP": {"compliance": {"legal": {"impact_assessment": "held in January"}}},
    "FBC": {"compliance": {"legal": {"appeal_path": "the desk decides"}}},
    "RET": {},
}
UNWRITTEN = {
    "INT": {"identity": {"out_of_scope": []}},
    "IMP": {"compliance": None},
    "FBC": {"compliance": {"legal": {}}},
    "RET": {"decisions": None},
}


@pytest.mark.parametrize("group", CLAIMED)
def test_what_only_a_claim_answers_is_supported_in_part_at_most(group):
    register = a_register((group, False))

    written = the_control(register, system=a_system(**WRITTEN[group]))
    unwritten = the_control(register, system=a_system(**UNWRITTEN[group]))

    assert written.support == "partly supports"
    assert written.why == "declared, and no check looks at it"
    assert unwritten.support == "not covered"
    assert unwritten.why.startswith("not written: ")


def test_checks_that_pass_beside_a_claim_support_in_part():
    control = the_control(a_register(("RBK", False), ("RET", False)), a_finding("RBK-01"))

    assert control.support == "partly supports"
    assert control.why == (
        "a part of it is only declared: who may switch it off, in decisions.yaml"
    )


def test_what_does_not_speak_to_the_system_is_left_out_and_what_may_is_named():
    framework = a_framework(jurisdictions=["EU"])
    register = a_register(("RBK", False), framework=framework, roles=["provider"])
    known = {"role": "deployer", "jurisdictions": ["DE"]}

    def of(**legal):
        return controls_of(register, (), a_system(compliance={"legal": legal}), DAY).frameworks

    assert of(**{**known, "jurisdictions": ["US"]}) == ()
    assert of(**known)[0].controls == ()
    (asked,) = of(jurisdictions=["DE"])
    assert asked.not_said == ()
    assert asked.controls[0].not_said == ("role",)
    assert of(role="provider")[0].not_said == ("jurisdictions",)


def test_a_framework_tells_its_status_of_the_day_and_whether_its_source_was_read_lately():
    register = a_register(("RBK", False), framework=a_framework(), part="Art 9")

    (now,) = controls_of(register, (), a_system(), DAY).frameworks
    (old,) = controls_of(register, (), a_system(), date(2027, 5, 21)).frameworks

    assert (now.status, now.historical, now.review_is_old) == ("in_force", False, False)
    assert now.controls[0].status.startswith("announced, in force from 2027-12-02 on")
    # The review of 21 November 2026 is 181 days old.
    assert old.review_is_old


def test_a_review_of_a_later_day_is_none_unless_nothing_was_published_yet():
    (ahead,) = controls_of(
        a_register(("RBK", False), framework=a_framework(reviewed_on="2999-01-01")),
        (), a_system(), DAY,
    ).frameworks  # fmt: skip
    (early,) = controls_of(a_register(("RBK", False)), (), a_system(), REPLAY).frameworks

    assert ahead.review_is_old
    assert not early.review_is_old


def test_our_own_register_tells_a_replay_of_2013_that_nothing_was_published_yet():
    answer = controls_of(catalogue_of(None).register, (), a_system(), REPLAY)

    assert {f.status for f in answer.frameworks} == {"not_yet"}
    assert {c.status for f in answer.frameworks for c in f.controls} == {"not published yet"}


def test_what_was_rescinded_is_history_and_names_what_came_after():
    bank = {"role": "deployer", "risk_class": "none", "sector": "bank", "jurisdictions": ["US"]}
    system = a_system(compliance={"legal": bank})

    answer = controls_of(catalogue_of(None).register, (), system, DAY)

    old = next(f for f in answer.frameworks if f.key == "sr-11-7")
    assert (old.historical, old.superseded_by) == (True, "sr-26-2")
    assert "sr-26-2" in {f.key for f in answer.frameworks if not f.historical}


def test_what_no_framework_asks_for_stands_apart_as_our_own_rules():
    findings = (a_finding("CST-01"), a_finding("RBK-02", "failed"))

    ours = {r.rule: r for r in controls_of(Register(), findings, a_system(), DAY).ours}

    assert ours["going back in under ten minutes"].statuses == ("failed",)
    assert ours["a ceiling on what a day may cost"].statuses[0] == "passed"
    assert ours["no pilot left stranded"].statuses == ("not asked", "not asked")


def test_it_counts_what_is_supported():
    register = a_register(("RBK", False))

    register = register.model_copy(update={"check_ids": ("RBK-01",)})

    (framework,) = controls_of(register, (a_finding("RBK-01"),), a_system(), DAY).frameworks

    assert framework.count("supports") == 1
    assert framework.count("not covered") == 0
