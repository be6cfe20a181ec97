"""CMP-01, CMP-03 and CMP-04, on days on which frameworks speak; and on one on which none does."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.check.judge import judge
from tests.builders import (
    AREAS,
    a_model,
    a_system,
    an_attestation,
    an_evidence,
    people_but,
)
from tests.checks.judged import judged, nothing, shipped_catalogue

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
"""Five days after the register was reviewed; Art 50 holds for 116 days, Annex III not yet."""
CLAIM = {
    "framework": "nist-ai-rmf-1.0",
    "control": "GOVERN 2.1",
    "served_by": "ownership.yaml",
    "owner": "di-legal",
    "reviewed_by": "ana-ruiz",
    "reviewed_on": "2026-11-01",
}
EUROPEAN = {
    "role": "deployer",
    "risk_class": "limited",
    "sector": "other",
    "jurisdictions": ["DE"],
}
AMERICAN_BANK = {**EUROPEAN, "sector": "bank", "jurisdictions": ["US"]}
ART_50 = {
    "framework": "eu-ai-act",
    "articles": "Art 50",
    "changed_on": "2026-08-02",
    "decided_by": "di-legal",
    "decided_on": "2026-07-20",
    "decision": "the app says that it is an estimate of a machine",
}

EARLIER = [
    {**ART_50, "articles": None, "changed_on": "2024-08-01", "decided_on": "2024-07-20"},
    {**ART_50, "articles": "Art 4 and 5", "changed_on": "2025-02-02", "decided_on": "2025-01-20"},
]
"""What was decided about the parts that began before."""


def said(system):
    """The claims are somebody's word of this month."""
    ends = NOW + timedelta(days=100)
    return (an_attestation(system, topic="claims", as_of=NOW - timedelta(days=5), expires=ends),)


def today(check_id, *, as_of=NOW, records=said, **compliance):
    """The finding of today about a system whose compliance.yaml holds this."""
    given = {"legal": AREAS["compliance"]["legal"], "controls": [CLAIM], **compliance}
    return judged(check_id, records=records, as_of=as_of, compliance=given)


# CMP-01


def test_cmp_01_passes_and_says_what_each_framework_is_on_the_day():
    finding = today("CMP-01")

    assert finding.status == "passed"
    assert "1 control of 1 framework exist and were reviewed within 180 days" in finding.message
    assert "nist-ai-rmf-1.0: voluntary since 2023-01-26" in finding.message
    assert "from secondary pages, not read in the source" in finding.message
    # The first of November and 180 days: the end of the thirtieth of April.
    assert finding.valid_until == datetime(2027, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("review", "why"),
    [
        ({"reviewed_by": "di-legal"}, "di-legal, who owns it, is no reviewer of it"),
        ({"reviewed_by": "nobody"}, "nobody did not work here on 2026-11-01"),
        ({"reviewed_by": None}, "no reviewer is named"),
    ],
)
def test_cmp_01_is_unknown_where_nobody_else_than_its_owner_reviewed_a_claim(review, why):
    finding = today("CMP-01", controls=[{**CLAIM, **review}])

    assert finding.reason == "missing"
    assert finding.message.endswith(why)


def test_cmp_01_is_unknown_where_the_reviewer_had_left_by_then():
    gone = people_but("ana-ruiz", active_to="2026-10-31")
    given = {"legal": AREAS["compliance"]["legal"], "controls": [CLAIM]}

    finding = judged("CMP-01", records=said, as_of=NOW, compliance=given, people=gone)

    assert "ana-ruiz did not work here on 2026-11-01" in finding.message


def test_cmp_01_passes_before_a_framework_is_published_and_says_that_it_only_prepares():
    finding = judged("CMP-01")

    assert finding.status == "passed"
    assert "nist-ai-rmf-1.0: not published before 2023-01-26" in finding.message
    assert "a claim of it only prepares for it" in finding.message


def test_cmp_01_passes_with_history_shown_as_history():
    """SR 11-7 was rescinded in April 2026; old evidence may still name it (CMP-03 minds)."""
    topic = {**CLAIM, "framework": "sr-11-7", "control": "Ongoing Monitoring"}

    finding = today("CMP-01", legal=AMERICAN_BANK, controls=[topic])

    assert finding.status == "passed"
    assert "sr-11-7: rescinded on 2026-04-17, historical only" in finding.message


def test_cmp_01_fails_for_a_control_that_the_framework_does_not_have():
    finding = today("CMP-01", controls=[{**CLAIM, "control": "GOVERN 2.9"}])

    assert finding.status == "failed"
    assert "nist-ai-rmf-1.0 has no control GOVERN 2.9" in finding.message
    assert "did you mean GOVERN" in finding.remedy


def test_cmp_01_fails_for_a_framework_that_nobody_knows():
    finding = today("CMP-01", controls=[{**CLAIM, "framework": "nist-ai-rmf-2.0"}])

    assert finding.status == "failed"
    assert "did you mean nist-ai-rmf-1.0?" in finding.remedy


def test_cmp_01_fails_for_a_duty_of_somebody_else():
    """Art 17 binds providers of high risk; this one deploys a limited one."""
    claim = {**CLAIM, "framework": "eu-ai-act", "control": "Art 17(1)"}

    finding = today("CMP-01", legal=EUROPEAN, controls=[claim])

    assert finding.status == "failed"
    assert "eu-ai-act Art 17(1) does not speak to a system of this kind" in finding.message


def test_cmp_01_is_unknown_where_nobody_reviewed_the_claim():
    unread = {k: v for k, v in CLAIM.items() if not k.startswith("reviewed")}

    assert today("CMP-01", controls=[unread]).reason == "missing"


def test_cmp_01_is_unknown_where_the_review_is_still_to_come():
    assert today("CMP-01", controls=[{**CLAIM, "reviewed_on": "2026-11-27"}]).reason == "missing"


@pytest.mark.parametrize(("day", "status"), [("2026-05-30", "passed"), ("2026-05-29", "unknown")])
def test_cmp_01_is_unknown_where_the_review_is_older_than_180_days(day, status):
    assert today("CMP-01", controls=[{**CLAIM, "reviewed_on": day}]).status == status


def test_cmp_01_is_unknown_where_the_register_lists_no_control_of_the_framework():
    claim = {**CLAIM, "framework": "nist-ai-600-1", "control": "MS-2.7-007"}
    system = a_system(
        identity={"kind": "llm_app"},
        compliance={"legal": EUROPEAN, "controls": [CLAIM, claim]},
    )
    found = judge(
        shipped_catalogue(), a_model(system), system, an_evidence(*said(system)), as_of=NOW
    )

    finding = next(f for f in found if f.check == "CMP-01")

    assert finding.reason == "missing"
    assert "the register lists no control of nist-ai-600-1" in finding.message


def test_cmp_01_is_unknown_where_nothing_is_claimed_though_frameworks_speak():
    finding = today("CMP-01", controls=[])

    assert finding.reason == "missing"
    assert "no control is claimed of what speaks to it: nist-ai-rmf-1.0" in finding.message


def test_cmp_01_is_unknown_where_nothing_is_claimed_of_what_binds():
    finding = today("CMP-01", legal=EUROPEAN)

    assert finding.reason == "missing"
    assert "no control is claimed of what speaks to it: eu-ai-act" in finding.message


def test_cmp_01_does_not_arise_where_nothing_is_claimed_and_nothing_was_published():
    compliance = {"legal": AREAS["compliance"]["legal"], "controls": []}

    finding = judged("CMP-01", compliance=compliance)

    assert finding.status == "not_applicable"
    assert "no framework of the register speaks to it on 2013-07-22" in finding.message
    assert "nist-ai-rmf-1.0: not published before 2023-01-26" in finding.message


# CMP-03


def test_cmp_03_passes_where_every_framework_that_speaks_was_read_lately():
    finding = today("CMP-03", legal=EUROPEAN)

    assert finding.status == "passed"
    assert "eu-ai-act: in force since 2024-08-01" in finding.message
    assert "iso-42001-2023: in force since" in finding.message
    # The review of 21 November and 180 days: the end of the twentieth of May.
    assert finding.valid_until == datetime(2027, 5, 21, tzinfo=UTC)


def test_cmp_03_is_unknown_half_a_year_after_the_register_was_reviewed():
    later = datetime(2027, 5, 21, 8, tzinfo=UTC)

    finding = today("CMP-03", as_of=later, records=nothing)

    assert finding.reason == "expired"
    assert "the register's entry of nist-ai-rmf-1.0 was reviewed 181 days ago" in finding.message


def test_cmp_03_is_unknown_where_the_register_was_reviewed_on_a_later_day():
    # Five days before the review of 21 November.
    finding = today("CMP-03", as_of=NOW - timedelta(days=10), records=nothing)

    assert finding.reason == "missing"
    assert "was reviewed on 2026-11-21, which is after" in finding.message
    assert "corrects `reviewed_on`" in finding.remedy


@pytest.mark.parametrize("key", ["role", "jurisdictions"])
def test_cmp_03_is_unknown_where_it_is_not_said_whether_a_law_speaks(key):
    legal = {k: v for k, v in EUROPEAN.items() if k != key}

    finding = today("CMP-03", legal=legal)

    assert finding.reason == "missing"
    assert f"whether eu-ai-act speaks to it is not known: {key} is not said" in finding.message
    assert f"asks counsel for {key}" in finding.remedy


def test_cmp_03_is_unknown_where_the_risk_decides_about_a_part_and_is_not_said():
    legal = {k: v for k, v in EUROPEAN.items() if k != "risk_class"}

    finding = today("CMP-03", legal=legal)

    assert finding.reason == "missing"
    assert "whether eu-ai-act Art 50 speaks to it is not known: risk_class" in finding.message


def test_cmp_03_is_unknown_where_a_part_that_speaks_has_no_day():
    high = {**EUROPEAN, "role": "provider", "risk_class": "high"}

    finding = today("CMP-03", legal=high)

    assert finding.reason == "missing"
    assert "since when eu-ai-act Art 72 and 73 holds is unconfirmed" in finding.message
    assert "asks counsel" in finding.remedy


def test_cmp_03_passes_where_counsel_was_asked_about_the_parts_without_a_day():
    high = {**EUROPEAN, "role": "provider", "risk_class": "high"}
    asked = [
        {
            "framework": "eu-ai-act",
            "articles": articles,
            "decided_by": "di-legal",
            "decided_on": "2026-11-02",
            "decision": "we act as if it held from 2027-12-02",
        }
        for articles in ("Art 72 and 73", "Art 71 and 86")
    ]

    finding = today("CMP-03", legal=high, rule_changes=asked)

    assert finding.status == "passed"
    assert "on 2026-11-02 di-legal decided: we act as if it held" in finding.message
    old = [{**entry, "decided_on": "2026-05-01"} for entry in asked]
    assert today("CMP-03", legal=high, rule_changes=old).reason == "missing"


def test_cmp_03_fails_where_a_claim_rests_on_what_was_rescinded():
    topic = {**CLAIM, "framework": "sr-11-7", "control": "Ongoing Monitoring"}

    finding = today("CMP-03", legal=AMERICAN_BANK, controls=[topic])

    assert finding.status == "failed"
    assert "rests on what is rescinded, historical only" in finding.message
    assert "to what sr-26-2 asks instead" in finding.remedy


def test_cmp_03_does_not_arise_on_a_day_on_which_nothing_that_speaks_is_published():
    finding = judged("CMP-03")

    assert finding.status == "not_applicable"
    assert "speaks to it on 2013-07-22" in finding.message


def test_cmp_03_is_unknown_in_2013_too_where_the_sector_is_not_said():
    """SR 11-7 was in force then, and spoke to banks."""
    finding = judged("CMP-03", compliance={"legal": {**AMERICAN_BANK, "sector": "unknown"}})

    assert finding.reason == "missing"
    assert "whether sr-11-7 speaks to it is not known: sector is not said" in finding.message


# CMP-04


def test_cmp_04_passes_where_somebody_decided_what_the_change_means():
    finding = today("CMP-04", legal=EUROPEAN, rule_changes=[*EARLIER, ART_50])

    assert finding.status == "passed"
    assert "eu-ai-act Art 50 is in force since 2026-08-02; di-legal decided" in finding.message


def test_cmp_04_passes_where_it_was_decided_late_and_says_so():
    """Due thirty days after the second of August, on the first of September."""
    late = {**ART_50, "decided_on": "2026-09-11"}

    finding = today("CMP-04", legal=EUROPEAN, rule_changes=[*EARLIER, late])

    assert finding.status == "passed"
    assert "10 days late" in finding.message


def test_cmp_04_fails_for_what_binds_however_long_ago_nobody_decided():
    """Articles 4 and 5 began 21 months before; to wait is not to decide."""
    finding = today("CMP-04", legal=EUROPEAN, rule_changes=[EARLIER[0], ART_50])

    assert finding.status == "failed"
    assert "eu-ai-act Art 4 and 5 is in force since 2025-02-02" in finding.message


def test_cmp_04_fails_where_nobody_decided_in_time():
    finding = today("CMP-04", legal=EUROPEAN, rule_changes=EARLIER)

    assert finding.status == "failed"
    assert "by 2026-09-01 nobody had decided what that means here" in finding.message
    assert "framework: eu-ai-act, articles: Art 50, changed_on: 2026-08-02" in finding.remedy


@pytest.mark.parametrize(
    "other",
    [{"changed_on": "2026-08-01"}, {"articles": "Art 4 and 5"}, {"decided_on": "2026-11-27"}],
)
def test_cmp_04_fails_where_what_was_decided_is_about_another_change_or_still_to_come(other):
    finding = today("CMP-04", legal=EUROPEAN, rule_changes=[*EARLIER, {**ART_50, **other}])

    assert finding.status == "failed"


def test_cmp_04_fails_where_the_decision_says_nothing():
    finding = today("CMP-04", legal=EUROPEAN, rule_changes=[{**ART_50, "decision": "noted"}])

    assert finding.status == "failed"
    assert "it has 1 word; expected at least 3" in finding.message


def test_cmp_04_passes_while_there_is_time_to_decide():
    """On the twentieth of August, eighteen days after; until the end of the first of September."""
    soon = datetime(2026, 8, 20, 8, tzinfo=UTC)

    def word(system):
        return (an_attestation(system, as_of=soon, expires=soon + timedelta(days=100)),)

    finding = today(
        "CMP-04", as_of=soon, legal=EUROPEAN, records=word, rule_changes=EARLIER
    )  # fmt: skip

    assert finding.status == "passed"
    assert finding.valid_until == datetime(2026, 9, 2, tzinfo=UTC)


def test_cmp_04_is_unknown_where_it_is_not_said_whether_the_changed_part_speaks():
    legal = {k: v for k, v in EUROPEAN.items() if k != "risk_class"}

    finding = today("CMP-04", legal=legal, rule_changes=EARLIER)

    assert finding.reason == "missing"
    assert "whether eu-ai-act Art 50 speaks to it is not known: risk_class" in finding.message


def test_cmp_04_does_not_arise_where_no_rule_changed_within_the_year():
    finding = today("CMP-04")

    assert finding.status == "not_applicable"
    assert "changed between 2025-11-26 and 2026-11-26" in finding.message


def test_cmp_04_does_not_arise_of_what_was_so_already_when_it_went_live():
    history = [{"stage": "live", "at": "2026-09-01T00:00:00Z", "by": "ana-ruiz"}]

    finding = judged(
        "CMP-04", as_of=NOW, records=said, identity={"stage_history": history},
        compliance={"legal": EUROPEAN},
    )  # fmt: skip

    assert finding.status == "not_applicable"
    assert "between 2026-09-01 and 2026-11-26" in finding.message


def test_cmp_04_does_not_arise_before_anybody_is_served():
    finding = judged(
        "CMP-04", as_of=NOW, records=said, identity={"stage_history": []},
        compliance={"legal": EUROPEAN},
    )  # fmt: skip

    assert finding.status == "not_applicable"


@pytest.mark.parametrize("check_id", ["CMP-01", "CMP-03", "CMP-04"])
def test_without_a_compliance_file_nothing_is_known_on_any_day(check_id):
    assert judged(check_id, compliance=None).reason == "missing"
    assert judged(check_id, compliance=None, as_of=NOW, records=nothing).reason == "missing"
