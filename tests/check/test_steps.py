"""Which gaps to close next."""

from ops_model.check.steps import next_steps
from tests.site import samples


def gap(check, remedy, *, area="ownership", status="failed", **more):
    return samples.finding(check, status, remedy=remedy, area=area, **more)


def judged(*findings):
    return samples.assessment().model_copy(update={"findings": findings})


def test_findings_with_one_remedy_are_one_thing_to_do():
    steps = next_steps(
        judged(
            gap("ONC-06", "write on_call.yaml"),
            gap("ONC-02", "write on_call.yaml", owner="ada-moreno"),
            gap("OWN-08", "give each duty to a person"),
        )
    )

    assert [step.checks for step in steps] == [("ONC-06", "ONC-02"), ("OWN-08",)]
    assert steps[0].owner == "ada-moreno"


def test_what_stands_in_the_way_of_a_question_comes_before_what_closes_more():
    steps = next_steps(
        judged(
            gap("OWN-03", "own the seams"),
            gap("OWN-05", "own the seams"),
            gap("CST-01", "set a ceiling", area="cost"),
        )
    )

    assert [step.remedy for step in steps] == ["set a ceiling", "own the seams"]
    assert steps[0].questions == ("What is the cost ceiling, today?",)


def test_what_touches_more_areas_comes_before_what_closes_more_in_one():
    steps = next_steps(
        judged(
            gap("OWN-03", "one"), gap("OWN-05", "one"), gap("OWN-08", "one"),
            gap("CMP-01", "two", area="compliance"), gap("INC-03", "two", area="incidents"),
        )
    )  # fmt: skip

    assert [step.remedy for step in steps] == ["two", "one"]


def test_what_users_feel_comes_before_what_may_lie_behind_it():
    moved = gap("DRF-02", "find what moved", area="detection")
    below = gap("QLT-04", "answer these cases another way", area="detection")
    not_known = gap("QLT-04", "measure it", area="detection", status="unknown")

    assert next_steps(judged(moved, below))[0].checks == ("QLT-04",)
    # What nobody has seen to fail is felt by nobody that we know of.
    assert next_steps(judged(moved, not_known))[0].checks == ("DRF-02",)


def test_a_check_that_only_sums_up_others_comes_last():
    steps = next_steps(
        judged(
            gap("RDY-06", "see the others", area="decisions"), gap("OWN-08", "share the duties")
        )
    )

    assert [step.remedy for step in steps] == ["share the duties", "see the others"]


def test_no_more_than_three_are_named():
    gaps = [gap(f"OWN-0{n}", f"remedy {n}") for n in range(1, 6)]

    assert [s.remedy for s in next_steps(judged(*gaps))] == ["remedy 1", "remedy 2", "remedy 3"]


def test_what_passed_and_what_is_waived_is_nothing_to_do():
    assert (
        next_steps(judged(gap("OWN-01", "x", status="passed"), gap("OWN-03", "y", waived=True)))
        == ()
    )


def test_the_portfolio_stands_in_the_way_of_no_system():
    assert next_steps(judged(gap("PRT-03", "decide", area="portfolio"))) == ()


def test_who_owns_it_comes_before_everything_else_while_nobody_who_works_here_does():
    gaps = (gap("CST-01", "set a ceiling", area="cost"), gap("OWN-01", "name an owner"))

    assert [s.remedy for s in next_steps(judged(*gaps))] == ["name an owner", "set a ceiling"]


def test_an_owner_who_has_only_to_say_so_does_not_come_first():
    unsaid = gap("OWN-01", "attest it", status="unknown", reason="below_grade")

    steps = next_steps(judged(unsaid, gap("CST-01", "set a ceiling", area="cost")))

    assert [s.remedy for s in steps] == ["set a ceiling", "attest it"]


def test_the_steps_back_are_written_before_they_are_rehearsed():
    drill = "write `target`, then run `ops-model drill rollback flight-delay`"
    steps = next_steps(
        judged(
            *(gap(name, drill, area="rollback") for name in ("RBK-02", "RBK-04", "RBK-05")),
            gap("RBK-03", "write the steps", area="rollback"),
        )
    )

    assert [step.checks[0] for step in steps] == ["RBK-03", "RBK-02"]


def test_what_no_command_can_show_yet_comes_after_what_only_sums_up():
    later = gap("CCH-05", "no command of this release records this yet", area="change")

    steps = next_steps(judged(later, gap("RDY-06", "see the others", area="decisions")))

    assert [step.checks for step in steps] == [("RDY-06",), ("CCH-05",)]
