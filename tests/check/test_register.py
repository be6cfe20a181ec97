"""Registers of several folders make one; nothing names what is not there, or redefines ours."""

import pytest

from ops_model.check.register import joined
from ops_model.domain.frameworks import Control, ControlMapping, Register
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
from ops_model.errors import CatalogueError
from ops_model.shipped import shipped
from ops_model.workflow.register import register_of
from tests.domain.test_frameworks import a_framework

IDS = ("RBK-02", "ACME-01")


def a_control(control="Art 9", **changes):
    return Control(**{"framework": "act", "id": control, "title": "risks", **changes})


def a_row(group="RBK", control="Art 9", **changes):
    values = {"shows": "a drill", "framework": "act", "certainty": "sure"}
    return ControlMapping(**{"group": group, "control": control, **values, **changes})


OURS = Register(frameworks=(a_framework(),), controls=(a_control(),), mappings=(a_row(),))


def problems_of(*parts):
    with pytest.raises(CatalogueError) as refused:
        joined(parts, IDS)
    return [p.message for p in refused.value.problems]


def test_a_company_adds_its_frameworks_controls_and_rows_of_its_own_checks():
    own = Register(
        frameworks=(a_framework(key="house"),),
        controls=(a_control("H1", framework="house"), a_control("Art 10")),
        mappings=(a_row("ACME", "H1", framework="house"), a_row("ACME-01")),
    )

    register = joined([OURS, own], IDS)

    assert [f.key for f in register.frameworks] == ["act", "house"]
    assert {m.group for m in register.mapped("act", "Art 9")} == {"RBK", "ACME-01"}


def test_nothing_of_ours_can_be_redefined():
    again = Register(frameworks=(a_framework(title="Mine"),), controls=(a_control(title="mine"),))

    said = problems_of(OURS, again)

    assert [m.split(" stands twice")[0] for m in said] == ["act", "act Art 9"]


def test_nobody_maps_the_checks_of_ops_model_anew():
    said = problems_of(OURS, Register(controls=(a_control("H1"),), mappings=(a_row("RBK", "H1"),)))

    assert said == ["RBK is a group of ops-model's; expected one of your own"]


def test_every_name_that_names_nothing_is_told_at_once():
    spoilt = Register(
        frameworks=(
            a_framework(superseded_by="act-2"),
            a_framework(key="parts", changes=[{"on": "2026-01-01", "status": "in_force",
                                               "certainty": "sure", "articles": "Art 1"}]),
        ),
        controls=(a_control(), a_control("x", framework="atc"), a_control("y", part="Art 44")),
        mappings=(a_row(), a_row(control="Art 99"), a_row("RKB"), a_row(framework="atc")),
    )  # fmt: skip

    said = problems_of(spoilt)

    assert said == [
        "there is no framework act-2; expected one of act, parts",
        "parts has no change of the whole; expected one without `articles`",
        "there is no framework atc; expected one of act, parts",
        "act y is of the part 'Art 44', which no change names",
        "act has no control Art 99 that control_ids.csv lists",
        "RKB is neither a check nor a group of checks that is loaded",
        "there is no framework atc; expected one of act, parts",
    ]


def test_a_row_that_stands_twice_is_told():
    assert problems_of(OURS, Register(mappings=(a_row(),)))[0] == (
        "RBK to act Art 9 stands twice, at ops-model's own (not from a file) and here"
    )


def test_a_place_in_a_folder_of_the_same_name_is_said_to_be_ours_or_another_folders():
    mine = Register(frameworks=(a_framework(key="house"),))
    beside = Register(frameworks=(a_framework(key="house"), a_framework(key="club")))

    said = problems_of(OURS, OURS, mine, beside)

    assert "act stands twice, at ops-model's own (not from a file) and here" in said
    assert "house stands twice, at another folder's (not from a file) and here" in said
    assert problems_of(Register(frameworks=(a_framework(), a_framework()))) == [
        "act stands twice, at (not from a file) and here"
    ]


IN_FORCE = {"on": "2026-01-01", "status": "in_force", "certainty": "sure"}
UNDATED = {"status": "in_force", "certainty": "sure"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([IN_FORCE, {**IN_FORCE, "status": "rescinded"}],
         "act changes twice on 2026-01-01, to in_force at (not from a file) and to rescinded"),
        ([UNDATED, {**UNDATED, "status": "rescinded"}],
         "act changes twice without a day, to in_force"),
        ([UNDATED, {**IN_FORCE, "articles": "Art 1"}, {**IN_FORCE, "articles": "Art 1"}],
         "act Art 1 changes twice on 2026-01-01, to in_force"),
    ],
)  # fmt: skip
def test_two_changes_of_one_part_on_one_day_contradict_each_other(changes, said):
    (problem,) = problems_of(Register(frameworks=(a_framework(changes=changes),)))

    assert problem.startswith(said)


def test_changes_of_two_parts_on_one_day_are_no_contradiction():
    changes = [IN_FORCE, {**IN_FORCE, "articles": "Art 1"}, {**UNDATED, "articles": "Art 1"}]

    assert joined([Register(frameworks=(a_framework(changes=changes),))], IDS).frameworks


def test_no_framework_takes_its_own_place_directly_or_in_a_circle():
    itself = Register(frameworks=(a_framework(superseded_by="act"),))
    circle = (a_framework(superseded_by="b"), a_framework(key="b", superseded_by="act"))

    assert problems_of(itself) == ["act is superseded by act, which leads back to act"]
    assert problems_of(Register(frameworks=circle)) == [
        "act is superseded by b, which leads back to act",
        "b is superseded by act, which leads back to b",
    ]


@pytest.fixture
def copy(tmp_path):
    """Our three files, to be spoilt."""
    made = tmp_path / "checks"
    made.mkdir()
    for name in ("frameworks.yaml", "control_ids.csv", "controls.csv"):
        (made / name).write_text((shipped("checks") / name).read_text(encoding="utf-8"))
    return made


def load(folder):
    return register_of([folder], [f"{group}-01" for group in DEFAULT_MINIMUM_GRADES] + ["ENV-03"])


def test_our_own_register_has_every_subcategory_and_every_control_of_annex_a(copy):
    register = load(copy)

    nist = [c.id.split() for c in register.controls_of("nist-ai-rmf-1.0")]
    iso = [c.id.split(".") for c in register.controls_of("iso-42001-2023")]
    assert len(nist) == 72
    assert {f: sum(i[0] == f for i in nist) for f in ("GOVERN", "MAP", "MEASURE", "MANAGE")} == {
        "GOVERN": 19, "MAP": 18, "MEASURE": 22, "MANAGE": 13,
    }  # fmt: skip
    assert len(iso) == 38
    assert {a: sum(i[1] == a for i in iso) for a in map(str, range(2, 11))} == {
        "2": 3, "3": 2, "4": 5, "5": 4, "6": 9, "7": 5, "8": 4, "9": 3, "10": 3,
    }  # fmt: skip


def test_every_group_of_ours_is_mapped_and_what_no_framework_asks_is_weak(copy):
    register = load(copy)

    groups = {m.group for m in register.mappings}
    assert groups == {*DEFAULT_MINIMUM_GRADES, "INT", "IMP", "FBC", "RET", "ENV-03"}
    near = [m for m in register.mappings if m.group in {"CST", "CAP"}]
    # Of all that is listed only FINOS speaks of spending.
    assert {m.framework for m in near if not m.weak} == {"finos-aigf"}


def test_a_contradiction_is_told_at_the_line_of_the_second_change(copy):
    file = copy / "frameworks.yaml"
    once = "- {on: 2023-01-26, status: voluntary, certainty: secondary}"
    twice = f"{once}\n      {once.replace('voluntary', 'rescinded')}"
    file.write_text(file.read_text(encoding="utf-8").replace(once, twice), encoding="utf-8")

    (problem,) = problems_in(copy)

    assert problem.startswith("checks/frameworks.yaml:13: nist-ai-rmf-1.0 changes twice")
    assert "at checks/frameworks.yaml:12 and" in problem


def problems_in(folder):
    with pytest.raises(CatalogueError) as refused:
        load(folder)
    return [str(p) for p in refused.value.problems]


def changed(folder, name, *pairs):
    text = (folder / name).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / name).write_text(text, encoding="utf-8")


def test_a_wrong_change_hides_no_other_problem_of_any_file(copy):
    changed(
        copy, "frameworks.yaml",
        ("on: 2023-01-26", "on: next spring"), ("superseded_by: sr-26-2", "superseded_by: sr-2"),
    )  # fmt: skip
    changed(copy, "controls.csv", ("OM,", "MO,"), (",false,", ",perhaps,"))
    changed(copy, "control_ids.csv", ("iso-42001-2023,", "iso-42002,"))

    said = problems_in(copy)

    assert len(said) == 6
    for part in (
        "changes[0].on is next spring", "weak is perhaps", "there is no framework sr-2",
        "there is no framework iso-42002", "MO is neither a check nor a group",
        "iso-42001-2023 has no control A.2.2",
    ):  # fmt: skip
        assert any(part in problem for problem in said), part


def test_one_wrong_change_is_one_problem(copy):
    changed(copy, "frameworks.yaml", ("on: 2023-01-26", "on: next spring"))

    (problem,) = problems_in(copy)

    assert "on is next spring" in problem


def test_a_framework_whose_own_key_is_wrong_does_not_make_its_controls_wrong(copy):
    changed(copy, "frameworks.yaml", ("key: nist-ai-rmf-1.0", "key: NIST AI"))
    changed(copy, "controls.csv", ("OM,", "MO,"))

    said = problems_in(copy)

    assert [p.split(" ")[1] for p in said] == ["frameworks[0].key", "MO"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("frameworks.yaml", "frameworks:", "frameworks: ["),
        ("frameworks.yaml", "frameworks:", "frameworks: none\nothers:"),
        ("control_ids.csv", "framework,id,", "framework,number,"),
        ("control_ids.csv", "nist-ai-rmf-1.0,GOVERN 1.4,", "nist-ai-rmf-1.0,,"),
        ("controls.csv", "OM,", "OM,OM,"),
        ("frameworks.yaml", "articles: Art 4 and 5", "articles: ''"),
    ],
)
def test_what_rests_on_a_part_that_is_missing_is_not_reported(copy, name, old, new):
    changed(copy, name, (old, new))

    said = problems_in(copy)

    assert all("is no " not in p and "has no control" not in p for p in said)
    assert {p.split(":")[0] for p in said} == {f"checks/{name}"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("controls.csv", "nist-ai-rmf-1.0,GOVERN 2.1,", "nist-ai-rmf-1.0,GOVERN 2.9,"),
        ("controls.csv", "eu-ai-act,Art 12,", "eu-ai-act,Art 12(9),"),
        ("controls.csv", "RBK,", "RKB,"),
        ("controls.csv", ",iso-42001-2023,", ",iso-42001,"),
        ("control_ids.csv", "iso-42001-2023,A.6.2.6,", "iso-42001-2023,A.6.2.9,"),
        ("control_ids.csv", "high risk by Annex III", "Annex three"),
        ("frameworks.yaml", "superseded_by: sr-26-2", "superseded_by: sr-26-3"),
        ("frameworks.yaml", "key: eu-ai-act", "key: eu-act"),
    ],
)
def test_a_register_that_names_what_is_not_there_does_not_load(copy, name, old, new):
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(CatalogueError) as refused:
        load(copy)

    assert all(p.where.startswith("checks/") and p.remedy for p in refused.value.problems)
