"""What changed since an assessment, in lines and in short: mended, accepted, or new."""

from datetime import timedelta

import pytest

from ops_model.check.decided import Decided, WaiverSaid
from ops_model.domain.policy import SwitchOff, Waiver
from ops_model.site.history import change_lines, since_in_short
from ops_model.site.pages import render
from ops_model.site.since import changes_between
from tests.builders import located
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF

FAILED = {"status": "failed", "remedy": "mend it", "message": "it broke"}
ENDS = AS_OF + timedelta(days=30)
WAIVED = {**FAILED, "waived": True, "valid_until": ENDS}
OFF = {**FAILED, "switched_off": True}
PATH = "systems/flight-delay/history.html"


def a_waiver(check, accepted_by="clara-ng"):
    said = {
        "check_id": check, "system": samples.FLIGHT, "reason": "no time before the summer",
        "compensating_control": "the desks read each morning what was right",
        "accepted_by": accepted_by, "starts": "2013-07-01", "expires": "2013-08-21",
    }  # fmt: skip
    waiver = Waiver.model_validate(located(said, "policy.yaml"))
    return WaiverSaid(waiver, 0, waiver.expires)


def a_switch(check, decided_by="clara-ng"):
    said = {
        "check_id": check, "reason": "another law holds for us", "decided_by": decided_by,
        "since": "2013-07-01",
    }  # fmt: skip
    return SwitchOff.model_validate(located(said, "policy.yaml"))


def a_system(then, now, decided=None):
    """A system judged so once, and so now."""
    before = samples.assessment(spoiled=then).model_copy(
        update={"as_of": AS_OF - timedelta(days=7)}
    )
    return samples.flight_system(
        assessment=samples.assessment(spoiled=now),
        statements=(samples.stated(17, before, "r-ready", "01_readiness"),),
        decided=decided or Decided(),
    )


def lines(then, now, decided=None):
    system = a_system(then, now, decided)
    changes = changes_between(samples.assessment(spoiled=then), system.assessment)
    told = change_lines(system, changes, samples.people(), PATH)
    return [
        f"{line['what']}: " + "; ".join(f"{text} {beside}".strip() for text, _, beside in checks)
        for line in told
        for checks in [line["checks"]]
    ]


def test_a_waiver_is_told_with_who_accepted_it_and_until_when():
    decided = Decided(waivers=(a_waiver("CST-01"),))

    assert lines({"CST-01": FAILED}, {"CST-01": WAIVED}, decided) == [
        "Newly waived, not closed (1): CST-01 (ceiling is set) failed, accepted by Clara Ng until "
        "21 Aug 2013"
    ]


def test_a_sum_that_is_waived_through_its_parts_names_them():
    now = {"CST-01": {**WAIVED, "through": ("CST-02",)}}

    assert lines({"CST-01": FAILED}, now)[0].endswith(
        "failed, waived with CST-02 until 21 Aug 2013"
    )


@pytest.mark.parametrize(
    ("ends", "until"), [(None, "no end"), (ENDS, "until 21 Aug 2013")]
)  # fmt: skip
def test_a_switch_off_is_told_with_who_decided_it_and_whether_it_ends(ends, until):
    decided = Decided(switched_off=(a_switch("CST-01"),))
    off = {"CST-01": {**OFF, "valid_until": ends}}

    told = lines({"CST-01": FAILED}, off, decided)

    assert len(told) == 1
    assert told[0].startswith("Newly switched off, not closed (1): CST-01 (ceiling is set) failed")
    assert told[0].endswith(
        f"switched off by Clara Ng from 1 Jul 2013{', ' if ends is None else ' '}{until}"
    )


def test_what_is_mended_what_does_not_apply_and_what_is_in_the_way_again_are_told_apart():
    then = {"CST-01": FAILED, "CST-02": FAILED, "RBK-02": WAIVED}
    now = {"CST-02": {"status": "not_applicable"}, "RBK-02": FAILED, "DRF-02": FAILED}

    assert lines(then, now) == [
        "In the way, and was not (1): DRF-02 (no drift beyond limit)",
        "No longer waived or switched off, and in the way (1): RBK-02 (drilled recently)",
        "Closed (2): CST-01 (ceiling is set); CST-02 (spend below ceiling) "
        "does not apply any more",
    ]


def test_the_first_screen_counts_a_waiver_as_no_repair():
    short = since_in_short(a_system({"CST-01": FAILED}, {"CST-01": WAIVED}))

    assert short.endswith("none closed; 1 newly waived, not closed (CST-01); none new.")


def test_the_first_screen_says_that_a_waiver_is_over():
    short = since_in_short(a_system({"CST-01": WAIVED}, {"CST-01": FAILED}))

    assert short.endswith("none closed; 1 no longer waived or switched off (CST-01); none new.")


def test_every_page_that_compares_says_it_is_waived_and_none_that_it_is_closed():
    decided = Decided(waivers=(a_waiver("CST-01"),))
    system = a_system({"CST-01": FAILED}, {"CST-01": WAIVED}, decided)
    pages = render(samples.site_input(systems=(system,)))

    for name in ("history", "product", "on-call", "compliance"):
        text = Reader(pages[f"systems/flight-delay/{name}.html"]).text
        assert "Newly waived, not closed (1): CST-01 (ceiling is set) failed, accepted by" in text
        assert "Closed (" not in text


def test_the_table_of_assessments_says_how_many_more_are_only_accepted():
    now = samples.stated(
        19, samples.assessment(spoiled={"CST-01": WAIVED}), "r-ready", "01_readiness"
    )
    system = a_system({"CST-01": FAILED, "RBK-02": FAILED}, {"CST-01": WAIVED})
    both = samples.flight_system(
        assessment=system.assessment, statements=(*system.statements, now)
    )

    text = Reader(render(samples.site_input(systems=(both,)))[PATH]).text

    assert "0 checks (-2, +1 waived or switched off)" in text
