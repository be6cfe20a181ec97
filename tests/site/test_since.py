"""What changed since a seat last signed: closed, new and other answers, and other grounds."""

from datetime import timedelta

import pytest

from ops_model.domain.sign_off import SignOff
from ops_model.domain.system import VersionTuple
from ops_model.domain.values import digest_of
from ops_model.site.since import changes_between, since_signed
from tests.site import samples
from tests.site.samples import AS_OF, assessment, digest

V1 = VersionTuple(label="v1", model_ref="models/v1.json", prompt_digest=digest("a prompt"))
V2 = VersionTuple(label="v2", model_ref="models/v2.json")
POLICY, FRAMEWORKS = digest("slice"), digest("frameworks")
MISSING = {"status": "unknown", "reason": "missing", "remedy": "run it"}
FAILED = {"status": "failed", "remedy": "mend it", "message": "it broke"}


def seen(**spoiled):
    named = {check.replace("_", "-"): fields for check, fields in spoiled.items()}
    return assessment(spoiled=named, frameworks=FRAMEWORKS)


def a_sign_off(of, **more):
    values = {
        "system": samples.FLIGHT, "as_of": AS_OF - timedelta(days=9), "seat": "compliance",
        "person": "ada-moreno", "decision": "approve", "meaning": "It may serve.",
        "pack": digest("pack"),
        "version": V2.digest(), "assessment": digest_of(of), "policy": POLICY,
        "frameworks": FRAMEWORKS, "expires": AS_OF + timedelta(days=80),
    }  # fmt: skip
    return SignOff(**{**values, **more})


def since(*sign_offs, then, now, versions=(V2, V1), policy=POLICY):
    known = {digest_of(then): then}
    return since_signed("compliance", sign_offs, known, versions, now, policy=policy)


def test_a_seat_that_never_signed_has_nothing_to_compare_with():
    then = seen()

    assert since(then=then, now=then) is None
    assert since(a_sign_off(then, seat="product"), then=then, now=then) is None


def test_when_all_is_as_it_was_nothing_has_changed():
    then = seen(QLT_01=MISSING)

    found = since(a_sign_off(then), then=then, now=then)

    assert found.nothing
    assert found.members == ()


def test_what_was_closed_what_is_new_and_what_is_answered_otherwise_are_told_apart():
    then = seen(QLT_01=MISSING, DRF_02=FAILED, CST_01=FAILED)
    now = seen(RBK_02=MISSING, DRF_02={**FAILED, "message": "it broke more"}, CST_01=FAILED)

    changes = changes_between(then, now)

    assert changes.closed == ("QLT-01",)
    assert changes.new == ("RBK-02",)
    assert changes.changed == ("DRF-02",)


def test_the_age_in_the_text_of_a_pass_is_no_change():
    then, now = seen(RBK_02={"message": "0 days ago"}), seen(RBK_02={"message": "9 days ago"})

    assert changes_between(then, now).nothing


WAIVED, OFF = {**FAILED, "waived": True}, {**FAILED, "switched_off": True}


@pytest.mark.parametrize(
    ("then", "now", "group"),
    [
        (FAILED, {}, "closed"),
        (FAILED, {"status": "not_applicable"}, "closed"),
        (WAIVED, {}, "closed"),
        (FAILED, WAIVED, "waived"),
        ({}, WAIVED, "waived"),
        (OFF, WAIVED, "waived"),
        (FAILED, OFF, "switched_off"),
        ({}, OFF, "switched_off"),
        ({}, FAILED, "new"),
        (WAIVED, FAILED, "lapsed"),
        (OFF, FAILED, "lapsed"),
        (WAIVED, {**WAIVED, "message": "it broke more"}, "changed"),
        (WAIVED, WAIVED, None),
    ],
)
def test_what_is_only_answered_for_is_never_told_as_closed(then, now, group):
    changes = changes_between(seen(CST_01=then), seen(CST_01=now))

    found = {name: checks for name, checks in vars(changes).items() if checks}
    assert found == ({group: ("CST-01",)} if group else {})


def test_a_gap_that_no_check_asks_for_any_more_is_not_closed():
    then, now = seen(CST_01=FAILED), seen()
    fewer = now.model_copy(
        update={"findings": tuple(f for f in now.findings if f.check != "CST-01")}
    )

    changes = changes_between(then, fewer)

    assert (changes.unasked, changes.closed) == (("CST-01",), ())
    assert not changes.nothing


@pytest.mark.parametrize("more", [{"revision": 2}, {"switched_off": True},
                                  {"status": "not_applicable"}])  # fmt: skip
def test_another_revision_a_switch_or_another_status_is_another_answer(more):
    assert changes_between(seen(), seen(CST_01=more)).changed == ("CST-01",)


def test_a_check_that_was_not_asked_then_is_another_answer():
    then, now = seen(), seen()
    fewer = then.model_copy(update={"findings": then.findings[1:]})

    assert changes_between(fewer, now).changed == (now.findings[0].check,)


def test_the_portfolio_informs_and_is_left_out():
    then, now = seen(), seen(OM_06={**FAILED, "area": "portfolio"})

    assert changes_between(then, now).new == ()


def test_the_members_of_the_version_that_differ_are_named():
    then = seen()

    found = since(a_sign_off(then, version=V1.digest()), then=then, now=then)

    assert [change.member for change in found.members] == ["model", "prompt"]
    assert not found.nothing


def test_a_version_that_nobody_describes_is_said_to_be_unknown():
    then = seen()

    found = since(a_sign_off(then, version=digest("gone")), then=then, now=then)

    assert found.members is None
    assert not found.nothing


def test_another_policy_and_other_frameworks_are_told():
    then = seen()

    policy = since(a_sign_off(then), then=then, now=then, policy=digest("another"))
    frameworks = since(a_sign_off(then, frameworks=digest("then")), then=then, now=then)

    assert (policy.policy_changed, policy.frameworks_changed) == (True, False)
    assert (frameworks.policy_changed, frameworks.frameworks_changed) == (False, True)


def test_an_assessment_that_is_not_on_the_ledger_is_not_guessed_at():
    then, now = seen(), seen(CST_01=FAILED)

    found = since(a_sign_off(then, assessment=digest("lost")), then=then, now=now)

    assert found.changes is None
    assert not found.nothing


def test_the_last_sign_off_of_the_seat_counts_and_none_from_the_future():
    first, second = seen(QLT_01=MISSING), seen()
    early = a_sign_off(first, as_of=AS_OF - timedelta(days=30))
    late = a_sign_off(second, as_of=AS_OF - timedelta(days=1))
    future = a_sign_off(first, as_of=AS_OF + timedelta(days=1))

    found = since(late, future, early, then=second, now=second)

    assert found.signed is late


def test_of_two_at_one_instant_the_later_entry_counts():
    then = seen()
    one, two = a_sign_off(then), a_sign_off(then, decision="no_go")

    assert since(one, two, then=then, now=then).signed is two
