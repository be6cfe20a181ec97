"""The status of a framework on a day, and whom it speaks to."""

from datetime import date

import pytest

from ops_model.domain.frameworks import Control, Framework, Register, status_said
from tests.builders import a_system

DAY = date(2026, 11, 26)
CHANGES = [
    {"on": "2024-08-01", "status": "in_force", "certainty": "sure"},
    {"on": "2025-02-02", "status": "in_force", "articles": "Art 4", "certainty": "secondary"},
    {"on": "2027-12-02", "status": "in_force", "articles": "Art 9", "certainty": "secondary"},
    {"status": "unknown", "articles": "Art 72", "certainty": "unconfirmed"},
]


def a_framework(**changes):
    values = {
        "key": "act",
        "title": "The act",
        "changes": CHANGES,
        "binding": "true",
        "reviewed_by": "us",
        "reviewed_on": "2026-11-21",
        "source": "the act",
    }
    return Framework.model_validate({**values, **changes})


def legal(**said):
    return a_system(compliance={"legal": said})


@pytest.mark.parametrize(
    ("day", "part", "status"),
    [
        (date(2024, 7, 31), None, "not_yet"),
        (date(2024, 8, 1), None, "in_force"),
        (date(2024, 7, 31), "Art 4", "not_yet"),
        (date(2025, 2, 1), "Art 4", "announced"),
        (date(2025, 2, 2), "Art 4", "in_force"),
        (date(2027, 12, 1), "Art 9", "announced"),
        (date(2027, 12, 2), "Art 9", "in_force"),
        (date(2030, 1, 1), "Art 72", "unknown"),
        (date(2030, 1, 1), "Art 99", "unknown"),
    ],
)
def test_a_status_holds_from_its_day_on_and_a_part_only_within_the_whole(day, part, status):
    assert a_framework().status_on(day, part).status == status
    assert a_framework().status_word_on(day, part) == status


def test_a_part_of_what_was_rescinded_is_rescinded_with_it():
    gone = {"on": "2026-04-17", "status": "rescinded", "certainty": "sure"}

    framework = a_framework(changes=[*CHANGES, gone])

    assert framework.status_on(DAY, "Art 4").status == "rescinded"


def test_before_the_first_known_day_of_what_has_an_unknown_one_too_nothing_is_known():
    """It may have been published long before: `not_yet` would claim too much."""
    framework = a_framework(
        changes=[
            {"status": "unknown", "certainty": "unconfirmed"},
            {"on": "2026-11-21", "status": "voluntary", "certainty": "secondary"},
        ]
    )

    assert framework.status_on(date(2026, 11, 20)).status == "unknown"
    assert framework.status_on(date(2026, 11, 21)).status == "voluntary"


@pytest.mark.parametrize("status", ["rescinded", "announced", "voluntary"])
def test_what_changed_on_a_day_that_nobody_knows_may_hold_today(status):
    since = {"status": status, "certainty": "unconfirmed"}

    whole = a_framework(changes=[*CHANGES, since])
    part = a_framework(changes=[*CHANGES, {**since, "articles": "Art 4"}])

    assert [whole.status_on(DAY).status, whole.status_on(DAY, "Art 4").status] == ["unknown"] * 2
    assert [part.status_on(DAY).status, part.status_on(DAY, "Art 4").status] == [
        "in_force",
        "unknown",
    ]


def test_a_status_is_said_with_its_day_and_its_certainty():
    framework = a_framework()

    assert status_said(framework, DAY) == "in force since 2024-08-01 (read in the source)"
    assert status_said(framework, DAY, "Art 9") == (
        "announced, in force from 2027-12-02 on (from secondary pages, not read in the source)"
    )
    assert status_said(framework, DAY, "Art 72") == "not known (unconfirmed, ask counsel)"
    assert status_said(framework, date(2013, 7, 22)).startswith("not published before 2024-08-01")


@pytest.mark.parametrize(
    ("said", "speaks"),
    [
        ({"role": "provider", "jurisdictions": ["DE"]}, True),
        ({"role": "both", "jurisdictions": ["NO"]}, True),
        ({"role": "provider", "jurisdictions": ["US", "EU"]}, True),
        ({"role": "deployer", "jurisdictions": ["DE"]}, False),
        ({"role": "unknown", "jurisdictions": ["US"]}, False),
        ({"role": "unknown", "jurisdictions": ["DE"]}, None),
        ({"role": "provider"}, None),
        ({}, None),
    ],
)
def test_it_speaks_to_whom_every_condition_names_and_none_is_read_into_silence(said, speaks):
    framework = a_framework(roles=["provider"], jurisdictions=["EU"])

    assert framework.speaks_to(legal(**said)) is speaks


def test_what_is_not_said_is_named_with_its_key():
    framework = a_framework(roles=["provider"], jurisdictions=["EU"], sectors=["bank"])

    assert framework.not_said(legal(role="provider")) == ("jurisdictions", "sector")
    assert framework.not_said(a_system(compliance=None)) == ("role", "jurisdictions", "sector")


def test_what_is_not_published_or_history_speaks_to_nobody():
    framework = a_framework()

    assert framework.speaks_on(date(2013, 7, 22), a_system()) is False
    assert framework.speaks_on(DAY, a_system()) is True


def test_a_sign_off_rests_on_the_status_of_what_may_speak_and_of_nothing_else():
    system = legal(role="provider", jurisdictions=["DE"])
    elsewhere = a_framework(key="other", jurisdictions=["SG"])
    to_come = a_framework(key="later", changes=[CHANGES[2] | {"articles": None}])
    one = Register(frameworks=(a_framework(),))

    before = one.digest_on(DAY, system)

    assert before == one.digest_on(date(2025, 3, 1), system)
    # Article 9 begins.
    assert before != one.digest_on(date(2027, 12, 2), system)
    more = Register(frameworks=(a_framework(), elsewhere, to_come))
    assert more.digest_on(DAY, system) == before


def test_a_control_is_known_by_framework_and_id():
    register = Register(
        frameworks=(a_framework(),),
        controls=(Control(framework="act", id="Art 9", title="risks"),),
    )

    assert register.knows("act", "Art 9")
    assert not register.knows("act", "Art 10")
    assert not register.knows("other", "Art 9")
