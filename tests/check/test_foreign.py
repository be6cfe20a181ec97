"""What a worker may say of a check, and what is made of it, without any process."""

import pytest
from pydantic import ValidationError

from ops_model.check.api import Outcome, PerTier, by_tier, check
from ops_model.check.catalogue import Catalogue, joined
from ops_model.check.foreign import Answer, Description, UnansweredError, as_check, described
from ops_model.check.thresholds import check_policy
from ops_model.domain.policy import Policy
from ops_model.domain.values import Where
from ops_model.errors import CatalogueError, PolicyError, Problem
from tests.builders import located
from tests.check.making import a_catalogue, findings_of, passing

PLACE = Where(path="checks/cost.py", line=7)


def a_check_with(function):
    decorated = check("ACME-01", question="Is it so?", area="cost", source=["own"], revision=2)
    return decorated(function)


def asked(
    ctx, *, days: int = 3, share: float = by_tier(1, 0.5, 0), word: str = "a", on: bool = True
):
    """Because we asked."""


class Says:
    """Answers whatever it was made with, and notes what it was asked."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.asked = []

    def answer(self, check_id, ctx, thresholds):
        self.asked.append((check_id, dict(thresholds)))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def test_a_description_tells_all_that_is_listed_and_nothing_is_lost_on_the_way():
    given = a_check_with(asked)

    sent = described(given, PLACE).model_dump_json()
    got = as_check(Description.model_validate_json(sent), Says(None))

    assert (got.id, got.slug, got.question, got.area) == ("ACME-01", "asked", "Is it so?", "cost")
    assert (got.source, got.revision, got.function.__doc__) == (("own",), 2, "Because we asked.")
    kinds = {name: (p.annotation, p.default) for name, p in got.thresholds.items()}
    assert kinds["days"] == (int, 3)
    assert kinds["share"] == (float, PerTier((1, 0.5, 0)))
    assert kinds["word"] == (str, "a")
    assert kinds["on"] == (bool, True)


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({"day": 3}, "ACME-01 has no threshold day; expected days"),
        ({"days": "soon"}, "ACME-01.days is 'soon'"),
        ({"days": "2.5"}, "ACME-01.days is '2.5'"),
        ({"share": {"A": "much"}}, "ACME-01.share is 'much'"),
        ({"on": "perhaps"}, "ACME-01.on is 'perhaps'"),
    ],
)
def test_a_policy_is_checked_against_what_was_told(thresholds, said):
    foreign = as_check(described(a_check_with(asked), PLACE), Says(None))
    policy = Policy.model_validate(located({"thresholds": {"ACME-01": thresholds}}, "policy.yaml"))

    with pytest.raises(PolicyError) as error:
        check_policy([foreign], policy)

    assert said in str(error.value)
    assert str(error.value).startswith("policy.yaml:")


def test_the_worker_is_asked_with_the_values_of_policy_and_tier():
    says = Says(Outcome("not_applicable", "no"))
    foreign = as_check(described(a_check_with(asked), PLACE), says)

    findings_of(foreign, policy={"thresholds": {"ACME-01": {"days": {"C": "9"}}}})

    assert says.asked == [("ACME-01", {"days": 9, "share": 0})]


def test_no_answer_is_errored_at_the_place_that_is_known():
    foreign = as_check(
        described(a_check_with(asked), PLACE), Says(UnansweredError("hangs", PLACE))
    )

    finding = findings_of(foreign)["ACME-01"]

    assert (finding.status, finding.looked_at) == ("errored", (PLACE,))
    assert finding.message == "hangs, so this is not answered"


@pytest.mark.parametrize(
    "told",
    [
        {"status": "passed", "message": "yes"},
        {"status": "failed", "message": "no", "looked_at": [{"path": "a"}]},
        {"status": "unknown", "message": "no", "remedy": "do", "looked_at": [{"path": "a"}]},
        {"status": "passed", "message": "", "looked_at": [{"path": "a"}]},
        {"status": "errored", "message": "no"},
        {"status": "passed", "message": "yes", "looked_at": [{"path": ""}]},
        {"status": "passed", "message": "yes", "looked_at": [{"path": "a\u200b"}]},
        {"status": "passed", "message": "yes", "looked_at": [{"path": "a"}], "grade": "E4"},
        {"status": "passed", "message": "yes", "looked_at": [{"path": "a"}], "waived": True},
        {"status": "passed", "message": "y", "looked_at": [{"path": "a"}], "valid_until": "2013"},
        {"status": "passed", "message": "y", "looked_at": [{"path": "a", "line": "x"}]},
    ],
)
def test_what_would_mislead_is_no_outcome(told):
    with pytest.raises((ValidationError, ValueError)):
        Answer.model_validate(told).outcome  # noqa: B018 - building it is what is tried


def test_thresholds_of_another_type_are_told_with_the_types_that_there_are():
    def of_days(ctx, *, days: list[int] = [3]):  # noqa: B006 - it is refused
        """Because we asked."""

    problem = described(a_check_with(of_days), PLACE)

    assert isinstance(problem, Problem)
    assert "threshold days" in problem.message
    assert problem.remedy == "use one of bool, int, float, str, without more"


@pytest.mark.parametrize("check_id", ["OWN-01", "OWN-97", "PRT-01"])
def test_an_id_under_one_of_our_prefixes_is_refused(check_id):
    with pytest.raises(CatalogueError) as error:
        joined(a_catalogue(passing("OWN-01")), [(passing(check_id), PLACE)])

    assert f"the id {check_id} has the prefix {check_id[:3]}" in str(error.value)
    assert str(error.value).startswith("checks/cost.py:7: ")


def test_an_id_that_two_folders_hold_is_refused_with_both_places():
    other = Where(path="acme/cost.py", line=3)

    with pytest.raises(CatalogueError) as error:
        joined(Catalogue(()), [(passing("ACME-01"), PLACE), (passing("ACME-01"), other)])

    assert "exists twice, at checks/cost.py:7 and here" in str(error.value)
    assert str(error.value).startswith("acme/cost.py:3")


def test_a_user_s_checks_stand_among_ours_in_the_order_of_their_ids():
    both = joined(a_catalogue(passing("OWN-01")), [(passing("ACME-01"), PLACE)])

    assert [c.id for c in both.checks] == ["ACME-01", "OWN-01"]
    assert both.origins["ACME-01"] == PLACE
