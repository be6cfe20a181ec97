import sys

import pytest

from ops_model.check.catalogue import load_catalogue
from ops_model.errors import CatalogueError
from ops_model.shipped import shipped

CHECK = '''
from ops_model.check.api import check, passed

@check("{id}", question="Is it so?", area="{area}", source=["own"], revision=1)
def {name}(ctx{arguments}):
    """Because."""
    return passed("yes", looked_at=[ctx.system.where])
'''


def text(check_id="ACME-01", area="cost", name="is_so", arguments=""):
    return CHECK.format(id=check_id, area=area, name=name, arguments=arguments)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "workbook" / "checks"
    made.mkdir(parents=True)
    return made


def problems_of(*folders):
    with pytest.raises(CatalogueError) as error:
        load_catalogue(folders)
    assert error.value.exit_code == 2
    return [str(p) for p in error.value.problems]


def test_our_checks_and_the_user_s_come_through_one_door(folder):
    (folder / "cost.py").write_text(text())

    catalogue = load_catalogue([shipped("checks"), folder])

    assert catalogue.check("ACME-01").slug == "is_so"
    assert str(catalogue.origins["ACME-01"]) == "checks/cost.py:4"
    assert catalogue.check("RBK-02") is not None


def test_checks_come_in_the_order_of_their_ids_whatever_the_folders(folder):
    (folder / "cost.py").write_text(text("ACME-02") + text("ACME-01", name="other"))

    one = load_catalogue([shipped("checks"), folder])
    other = load_catalogue([folder, shipped("checks")])

    assert [c.id for c in one.checks] == [c.id for c in other.checks]
    assert [c.id for c in one.checks] == sorted(c.id for c in one.checks)


def test_loading_twice_is_harmless_and_reads_the_file_anew(folder):
    (folder / "cost.py").write_text(text(name="first"))
    load_catalogue([folder])

    (folder / "cost.py").write_text(text(name="other"))
    catalogue = load_catalogue([folder, folder])

    assert [c.slug for c in catalogue.checks] == ["other"]


def test_nothing_is_written_beside_the_user_s_files(folder):
    (folder / "cost.py").write_text(text())

    load_catalogue([folder])

    assert [p.name for p in folder.iterdir()] == ["cost.py"]


def test_a_file_whose_name_begins_with_an_underscore_is_not_read(folder):
    (folder / "_draft.py").write_text("this is no python")
    (folder / "cost.py").write_text(text())

    assert len(load_catalogue([folder]).checks) == 1


def test_a_check_module_is_known_by_its_name_while_it_runs(folder):
    """A dataclass with postponed annotations looks its own module up."""
    lines = "from __future__ import annotations\nfrom dataclasses import dataclass, KW_ONLY\n"
    lines += "@dataclass\nclass Limit:\n    _: KW_ONLY\n    days: int = 3\n"
    (folder / "cost.py").write_text(lines + text())

    load_catalogue([folder])

    assert sys.modules["ops_model_checks.checks.cost"].Limit().days == 3


def test_two_folders_of_one_name_do_not_take_each_other_s_place(folder):
    (folder / "cost.py").write_text(text())

    load_catalogue([shipped("checks"), folder])

    assert hasattr(sys.modules["ops_model_checks.checks.cost"], "ceiling_per_day")
    assert hasattr(sys.modules["ops_model_checks.checks_2.cost"], "is_so")


def test_an_id_that_exists_twice_is_refused_with_both_places(folder):
    (folder / "cost.py").write_text(text("RBK-02"))

    (problem,) = problems_of(shipped("checks"), folder)

    assert "the id RBK-02 exists twice, at checks/rollback_drill.py:" in problem
    assert problem.startswith("checks/cost.py:4: ")


def test_an_area_that_is_not_the_file_s_name_is_refused_with_both(folder):
    (folder / "cost.py").write_text(text(area="rollback"))

    (problem,) = problems_of(folder)

    assert "ACME-01 says area 'rollback', but its file is checks/cost.py" in problem


def test_an_area_may_be_split_into_files_that_begin_with_its_name(folder):
    (folder / "cost.py").write_text(text())
    (folder / "cost_of_tokens.py").write_text(text("ACME-02"))

    ids = {check.id for check in load_catalogue([folder]).checks}

    assert ids == {"ACME-01", "ACME-02"}


def test_an_id_of_the_wrong_form_is_refused(folder):
    (folder / "cost.py").write_text(text("acme-1"))

    (problem,) = problems_of(folder)

    assert "check id 'acme-1': expected letters, a hyphen and two digits, as RBK-02" in problem


def test_a_check_built_without_the_decorator_is_looked_at_too(folder):
    lines = "from ops_model.check.api import Check\n"
    lines += "def f(ctx): return None\n"
    lines += 'bad = Check("x", "f", "Is it?", "cost", ("own",), 1, f)\n'
    (folder / "cost.py").write_text(lines)

    (problem,) = problems_of(folder)

    assert "the id 'x' has the wrong form" in problem


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = 1\nraise KeyError('a')\n", "checks/cost.py:2: does not import: KeyError"),
        ("import sys\nsys.exit(0)\n", "checks/cost.py:2: does not import: SystemExit"),
        ("def broken(:\n", "checks/cost.py:1: does not import: SyntaxError"),
        (
            "import nothing_of_this_name\n",
            "checks/cost.py:1: does not import: ModuleNotFoundError",
        ),
    ],
)
def test_a_file_that_does_not_import_stops_the_load_and_names_the_line(folder, content, said):
    (folder / "cost.py").write_text(content)

    (problem,) = problems_of(shipped("checks"), folder)

    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (", days", "expected one positional argument"),
        (", *, days=3", "threshold days has no type"),
        (", *, days: int", "threshold days has no default"),
        (", **anything", "expected one positional argument"),
    ],
)
def test_a_threshold_without_type_or_default_is_refused(folder, arguments, said):
    (folder / "cost.py").write_text(text(arguments=arguments))

    (problem,) = problems_of(folder)

    assert said in problem


def test_all_problems_are_said_at_once(folder):
    (folder / "cost.py").write_text(text(area="rollback"))
    (folder / "model.py").write_text("raise ValueError\n")

    assert len(problems_of(folder)) == 2


def test_no_check_at_all_is_an_error(folder):
    (problem,) = problems_of(folder)

    assert "there is no check" in problem


def test_no_problem_names_a_folder_of_this_machine(folder, tmp_path):
    (folder / "cost.py").write_text(text(area="rollback"))

    assert all(str(tmp_path) not in problem for problem in problems_of(folder))
