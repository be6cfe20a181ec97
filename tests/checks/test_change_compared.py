"""CCH-03: what serves now was asked for, and compared with what served, before users met it."""

import pytest

from tests.builders import AREAS
from tests.checks.judged import judged, lacking
from tests.shown_running import a_challenger

REQUEST = AREAS["change"]["requests"][0]
VERSION = AREAS["identity"]["version"]


def requested(**changes):
    return {"requests": [{**REQUEST, **changes}]}


# The system went live in March with v1, and v2 serves since the tenth of July.
SINCE = {"version": {**VERSION, "in_production_since": "2013-07-10T08:00:00Z"}}
TO_V2 = {"to_version": "v2", "from_version": "v1", "rollout": None}


def compared(**changes):
    """All records, the comparison of v2 with v1 among them."""

    def records(system):
        old, new = (system.identity.known_version(label).digest() for label in ("v1", "v2"))
        digests = {"from_digest": old, "to_digest": new}
        return (*lacking("challenger")(system), a_challenger(system, **{**digests, **changes}))

    return records


def test_cch_03_passes_when_the_serving_version_was_asked_for_and_compared_first():
    finding = judged("CCH-03", identity=SINCE, change=requested(**TO_V2), records=compared())

    assert finding.status == "passed"
    assert finding.message == (
        "to-v3 asked for v2 on 2013-07-01, before it reached users; compared with v1: non "
        "inferior, 1 % (n 2,000, 0 to 2 %)"
    )


def test_cch_03_is_unknown_when_what_the_comparison_came_to_is_not_on_record():
    finding = judged("CCH-03", identity=SINCE, change=requested(**TO_V2))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "what the comparison with v1 came to is not on record" in finding.message
    assert "writes `results` of the challenger of to-v3 in change.yaml" in finding.remedy


def test_cch_03_counts_no_comparison_of_a_version_as_it_was_before():
    other = compared(to_digest="sha256:" + "0" * 64)

    finding = judged("CCH-03", identity=SINCE, change=requested(**TO_V2), records=other)

    assert finding.reason == "missing"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"verdict": "worse"}, "failed", "the comparison is worse"),
        ({"verdict": "undecided"}, "unknown", "too few cases"),
        (
            {"verdict": "undecided", "faults": ("the margin was changed after a look",)},
            "unknown", "the margin was changed after a look",
        ),
    ],
)  # fmt: skip
def test_cch_03_does_not_pass_by_a_comparison_that_did_not_come_out_well(changes, status, said):
    finding = judged(
        "CCH-03", identity=SINCE, change=requested(**TO_V2), records=compared(**changes)
    )

    assert finding.status == status
    assert said in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "v2 serves since 2013-07-10, and no change request leads to it"),
        ({**TO_V2, "challenger": None}, "no challenger is planned in it"),
        ({**TO_V2, "requested_at": "2013-07-10T08:00:00Z"}, "after it was rolled out"),
        (
            {**TO_V2, "requested_at": "2013-07-12T08:00:00Z", "rollout": "first-week"},
            "after it was rolled out (2013-07-10T08:00:00Z)",
        ),
        (
            {**TO_V2, "requested_at": "2029-02-15T08:00:00Z", "rollout": "first-week"},
            "no change request leads to it",
        ),
    ],
)
def test_cch_03_fails_for_a_version_that_reached_users_first(change, said):
    finding = judged("CCH-03", identity=SINCE, change=requested(**change))

    assert finding.status == "failed"
    assert said in finding.message


def test_cch_03_fails_when_another_version_served_before_and_nobody_asked_for_this_one():
    first, third = AREAS["identity"]["other_versions"]
    served = {**first, "in_production_since": "2013-02-18T00:00:00Z"}

    finding = judged("CCH-03", identity={"other_versions": [served, third]})

    assert finding.status == "failed"
    assert "v2 serves since 2013-03-01, and no change request leads to it" in finding.message


def test_cch_03_asks_of_a_request_to_the_first_version_too_that_it_came_first():
    early = requested(**{**TO_V2, "requested_at": "2013-02-20T08:00:00Z"})
    late = requested(**{**TO_V2, "requested_at": "2013-03-02T08:00:00Z"})

    assert judged("CCH-03", change=early, records=compared()).status == "passed"
    assert judged("CCH-03", change=late, records=compared()).status == "failed"


def test_cch_03_is_unknown_when_a_version_changed_and_there_is_no_file_of_changes():
    assert judged("CCH-03", identity=SINCE, change=None).reason == "missing"


@pytest.mark.parametrize(
    "identity",
    [{}, {"stage_history": []}],
    ids=["the first version serves still", "nobody is served"],
)
def test_cch_03_does_not_arise_before_anything_was_changed(identity):
    assert judged("CCH-03", identity=identity).status == "not_applicable"
