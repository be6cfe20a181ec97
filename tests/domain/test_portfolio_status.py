"""What a portfolio's record says in words."""

from datetime import UTC, datetime

from ops_model.domain.evidence import Measured
from ops_model.domain.portfolio_status import Ask, PortfolioStatus, Standing
from ops_model.domain.records import read_record
from ops_model.domain.values import canonical_bytes
from ops_model.notebook.harvest import MAX_RECORD_BYTES

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)


def a_status(*systems, **changes):
    debt = Measured(value=0, unit="weighted gap days", n=0, no_interval="exact")
    given = {"system": "portfolio", "as_of": AS_OF, "systems": systems, "debt": debt, **changes}
    return PortfolioStatus(**given)


def test_the_board_hears_what_became_of_the_pilots_with_real_numbers():
    status = a_status(
        Standing(system="a", outcome="STRANDED", had_strategy=True),
        Standing(system="b", outcome="TECH_FAILED", had_strategy=True),
        Standing(system="c", outcome="RECKLESS", in_production=True),
        Standing(
            system="d", outcome="OPERATED", in_production=True, had_plan=True, verdict="READY"
        ),
        asks=(Ask(currency="EUR", amount="48000.00 EUR", systems=("a",)),),
    )

    assert status.board_answer == (
        "Of 4 systems, 2 had a strategy and 1 had an operations plan. 'The pilots failed' is the "
        "wrong answer: 1 failed technically and 1 met its targets and is stranded for want of "
        "somebody to operate it. 2 systems serve users, 1 of them without a valid sign-off or a "
        "way back, and 1 on gates that are not met. To operate what is stranded costs "
        "48,000.00 EUR."
    )


def test_every_system_that_serves_with_open_gates_is_counted_of_whatever_class_it_is():
    serves = {"in_production": True, "verdict": "NOT READY"}
    status = a_status(
        Standing(system="a", outcome="RECKLESS", open_gaps=26, **serves),
        Standing(system="b", outcome="RECKLESS", open_gaps=89, **serves),
        Standing(system="c", outcome="FRAGILE", open_gaps=1, **serves),
        Standing(system="d", outcome="OPERATED", in_production=True, verdict="READY"),
        Standing(system="e", outcome="STRANDED", open_gaps=97, verdict="DEMO ONLY"),
    )

    assert (
        "4 systems serve users, 2 of them without a valid sign-off or a way back, and 3 on gates "
        "that are not met."
    ) in status.board_answer


def test_a_portfolio_without_pilots_or_production_says_so():
    status = a_status()

    assert status.board_answer == (
        "Of 0 systems, 0 had a strategy and 0 had an operations plan. No pilot failed, and none "
        "is stranded. None serves users."
    )


def test_a_stranded_pilot_that_nobody_costed_is_named():
    status = a_status(
        Standing(system="a", outcome="STRANDED"),
        asks=(Ask(currency="EUR", amount="5.00 EUR", systems=("b",)),),
        not_costed=("a",),
    )

    assert status.board_answer.endswith("costs 5.00 EUR; a not costed yet.")


def test_why_a_system_is_reckless_says_which_of_the_two_is_missing():
    unsigned = Standing(system="a", outcome="RECKLESS", verdict="NOT READY")
    goes_back = unsigned.model_copy(update={"goes_back": True})
    signed = unsigned.model_copy(update={"signed": True})
    nowhere = unsigned.model_copy(update={"verdict": None})

    assert unsigned.why == "serves users without a valid sign-off"
    assert goes_back.why == "serves users without a valid sign-off; going back works"
    assert signed.why == "serves users with gates unmet, and no way back was shown"
    assert (
        nowhere.why == "serves users by portfolio.yaml, and no folder under systems/ describes it"
    )


def test_the_systems_of_some_classes_are_found():
    stranded = Standing(system="a", outcome="STRANDED")
    status = a_status(stranded, Standing(system="b", outcome="PILOT"))

    assert status.of("STRANDED", "RECKLESS") == (stranded,)


def whole(number):
    """A system with everything known about it."""
    return Standing(
        system=f"a-system-with-a-long-name-{number}", outcome="RECKLESS", tier="B", stage="live",
        stage_days=143, in_production=True, tenure_days=153, version="v2", version_days=143,
        verdict="NOT READY", answered=5, gates=120, gates_met=92, open_gaps=28, had_strategy=True,
        had_plan=True, goes_back=True, debt=13483, oldest_gap="2013-03-05",
    )  # fmt: skip


def test_a_record_comes_back_as_it_was_though_it_leaves_out_what_is_not_so():
    status = a_status(whole(1), Standing(system="b", outcome="PILOT", stage_days=0))

    plain = status.model_dump(mode="json")

    assert "verdict" not in plain["systems"][1]
    assert plain["systems"][1]["stage_days"] == 0
    assert read_record(plain) == status


def test_five_hundred_systems_fit_one_record():
    status = a_status(*[whole(number) for number in range(500)])

    assert len(canonical_bytes(status)) < MAX_RECORD_BYTES * 0.95
