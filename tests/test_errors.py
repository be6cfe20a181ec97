"""How problems are told: each with its remedy, and what stands often in one file once."""

from ops_model.errors import OpsModelError, Problem, gathered


def told(*problems):
    return str(OpsModelError(problems=problems))


def missing(line, file="people.yaml"):
    return Problem(f"people[{line}].zone is missing", f"{file}:{line}", "write `zone:` here")


def test_a_few_problems_are_told_one_by_one():
    assert told(missing(1), missing(2), missing(3)) == (
        "people.yaml:1: people[1].zone is missing\n  to fix: write `zone:` here\n"
        "people.yaml:2: people[2].zone is missing\n  to fix: write `zone:` here\n"
        "people.yaml:3: people[3].zone is missing\n  to fix: write `zone:` here"
    )


def test_the_same_mistake_four_times_in_a_file_is_told_once_with_its_lines():
    other = Problem("tier is D", "people.yaml:3", "write C")

    assert told(missing(1), missing(2), other, missing(4), missing(5)) == (
        "people.yaml:1: people[1].zone is missing\n"
        "  4 times, in lines 1, 2, 4 and 1 more\n"
        "  to fix: write `zone:` here\n"
        "people.yaml:3: tier is D\n  to fix: write C\n"
        "5 problems in all"
    )


def test_four_times_in_one_line_names_the_line_once():
    assert "4 times, in line 7\n" in told(*[missing(7)] * 4)


def test_the_same_mistake_in_four_files_is_told_for_each_file():
    said = told(*(missing(1, f"{name}.yaml") for name in "abcd"))

    assert [line.split(":")[0] for line in said.splitlines()[::2]] == [
        "a.yaml", "b.yaml", "c.yaml", "d.yaml"
    ]  # fmt: skip


def test_files_that_are_missing_are_each_named():
    said = told(*(Problem("is missing", f"systems/{name}/system.yaml") for name in "abcd"))

    assert len(said.splitlines()) == 4


def test_every_problem_is_kept_however_it_is_told():
    problems = [missing(line) for line in range(300)]

    assert OpsModelError(problems=problems).problems == tuple(problems)


def test_what_is_told_once_is_one_problem_at_the_first_place():
    other = Problem("tier is D", "people.yaml:3", "write C")

    first, second = gathered([missing(1), missing(2), other, missing(4), missing(5)])

    assert (first.where, first.remedy) == ("people.yaml:1", "write `zone:` here")
    assert first.message.endswith("4 times, in lines 1, 2, 4 and 1 more")
    assert second is other
