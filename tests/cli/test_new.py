"""`ops-model new`: a system with all its files and its fill-in notebook, whole or not at all."""

import json

import nbformat
import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.domain.operating_model import AREA_FILES
from ops_model.errors import UsageError, WorkbookError
from ops_model.store.workbook import read_workbook


@pytest.fixture
def book(tmp_path):
    assert CliRunner().invoke(ops_model, ["init", str(tmp_path / "book")]).exit_code == 0
    return tmp_path / "book"


def new(book, *arguments):
    return CliRunner().invoke(ops_model, ["new", *arguments, "--workbook", str(book)])


def everything(book):
    return {p: p.read_bytes() for p in sorted(book.rglob("*")) if p.is_file()}


def test_the_new_system_has_every_area_and_the_kind_tier_and_name_that_were_named(book):
    result = new(book, "helper", "--kind", "llm_app", "--tier", "A", "--name", "NO: it's #1")

    system = read_workbook(book).system("helper")
    assert result.exit_code == 0
    assert (system.identity.kind, system.identity.tier) == ("llm_app", "A")
    assert system.identity.name == "NO: it's #1"
    assert all(getattr(system, attribute) is not None for attribute in AREA_FILES)


def test_without_a_name_it_is_called_by_its_id(book):
    new(book, "helper", "--kind", "agent", "--tier", "C")

    assert read_workbook(book).system("helper").identity.name == "helper"


def test_the_comments_of_the_template_stay_where_kind_and_tier_are_filled_in(book):
    new(book, "helper", "--kind", "agent", "--tier", "A")

    text = (book / "systems/helper/system.yaml").read_text("utf-8")
    assert "kind: agent                      # predictive, llm_app, agent" in text
    assert "tier: A                          # A, B or C" in text


def test_it_claims_nothing_that_nobody_has_said(book):
    new(book, "helper", "--kind", "agent", "--tier", "A")

    system = read_workbook(book).system("helper")
    assert system.decisions.rights == ()
    assert system.cost.ceilings == ()
    assert system.identity.failure_modes == ()
    assert system.incidents == ()


def test_the_other_systems_files_stay_as_they_were(book):
    before = everything(book)

    new(book, "helper", "--kind", "agent", "--tier", "A")

    after = everything(book)
    assert {p: after[p] for p in before} == before


def test_the_schemas_are_written_anew(book):
    schema = book / "schemas" / "system.schema.json"
    schema.write_text("{}")

    new(book, "helper", "--kind", "agent", "--tier", "A")

    assert json.loads(schema.read_text("utf-8"))["title"] == "system.yaml"


def test_a_workbook_with_an_invalid_file_elsewhere_gets_its_new_system(book):
    (book / "people.yaml").write_text("people: nobody\n")

    result = new(book, "helper", "--kind", "agent", "--tier", "A")

    assert result.exit_code == 0
    assert (book / "systems/helper/fill_in.ipynb").is_file()


def test_a_system_that_is_there_is_refused_and_left_as_it_was(book):
    before = everything(book)

    result = new(book, "my-system", "--kind", "agent", "--tier", "A")

    assert isinstance(result.exception, UsageError)
    assert "ops-model new my-system --refresh" in str(result.exception)
    assert everything(book) == before


@pytest.mark.parametrize("system", ["../x", "A B", "con", "portfolio", "", "x\n", "a/b", "."])
def test_an_id_that_is_none_is_refused_before_anything_is_written(book, system):
    before = everything(book)

    result = new(book, system, "--kind", "agent", "--tier", "A")

    assert isinstance(result.exception, UsageError)
    assert everything(book) == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("   ", "--name holds no words"), ("---", "--name holds no words"),
        ("a\u200bb", "--name holds the invisible character U+200B"),
    ],
)  # fmt: skip
def test_a_name_that_is_none_leaves_nothing_behind_and_names_the_option(book, name, said):
    before = everything(book)

    result = new(book, "helper", "--kind", "agent", "--tier", "A", "--name", name)

    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert ".ops-model" not in str(result.exception)
    assert everything(book) == before
    assert [p.name for p in (book / "systems").iterdir()] == ["my-system"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ((), "--kind and --tier are"),
        (("--kind", "agent"), "--tier is"),
        (("--tier", "A"), "--kind is"),
    ],
)
def test_kind_and_tier_are_asked_for(book, given, missing):
    result = new(book, "helper", *given)

    assert isinstance(result.exception, UsageError)
    assert f"{missing} missing; expected --kind one of predictive" in str(result.exception)


def test_outside_of_a_workbook_it_says_how_to_start_one(tmp_path):
    result = new(tmp_path, "helper", "--kind", "agent", "--tier", "A")

    assert isinstance(result.exception, WorkbookError)
    assert "ops-model init" in str(result.exception)


def test_the_output_says_what_to_do_next(book):
    result = new(book, "helper", "--kind", "agent", "--tier", "A")

    assert "jupyter lab systems/helper/fill_in.ipynb" in result.output
    assert "ops-model check helper" in result.output


def cells(book, system="my-system"):
    path = book / "systems" / system / "fill_in.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return {cell["id"]: cell for cell in notebook.cells}, notebook


def test_init_writes_the_notebook_of_its_first_system(book):
    found, notebook = cells(book)

    assert list(found)[:3] == ["about", "start", "area-people"]
    assert list(found)[-1] == "gaps"
    assert notebook.metadata.kernelspec.name == "python3"
    for part in ("**The question.**", "**Who reads it.**", "**How long.**"):
        assert part in found["about"].source
    assert found["start"].source == (
        'from ops_model import workflow\n\npage = workflow.fill_in("my-system")\npage'
    )


def test_the_notebook_holds_no_outputs_and_no_counts(book):
    found, _ = cells(book)
    code = [cell for cell in found.values() if cell.cell_type == "code"]

    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


def test_each_cell_is_prefilled_from_the_yaml(book):
    found, _ = cells(book)

    source = found["ownership-accountable"].source
    assert source.startswith(
        "# Who is accountable once it is live? One person.\n# Expected: an id"
    )
    assert '    "ownership.accountable",\n    "example-one",\n' in source


def test_refresh_writes_the_notebook_anew_and_nothing_else(book):
    file = book / "systems/my-system/ownership.yaml"
    file.write_text(
        file.read_text("utf-8").replace("accountable: example-one", "accountable: ana")
    )
    before = everything(book)

    result = new(book, "my-system", "--refresh")

    found, _ = cells(book)
    assert result.exit_code == 0
    assert '"ana",\n' in found["ownership-accountable"].source
    changed = [p.name for p, data in everything(book).items() if before[p] != data]
    assert changed == ["fill_in.ipynb"]


def test_refresh_starts_the_files_that_a_system_lacks_and_touches_no_other(book):
    folder = book / "systems" / "my-system"
    (folder / "rollback.yaml").unlink()
    before = {p: p.read_bytes() for p in folder.glob("*.yaml")}

    result = new(book, "my-system", "--refresh")

    assert "started systems/my-system/rollback.yaml" in result.output
    assert read_workbook(book).system("my-system").rollback.steps == ()
    assert {p: p.read_bytes() for p in before} == before
    assert not [p for p in (book / "systems").iterdir() if p.name.startswith(".")]


def with_people(book, accountable, deputy):
    """The workbook with two people of its own in the place of the examples."""
    for file in ("people.yaml", "systems/my-system/ownership.yaml"):
        text = (book / file).read_text("utf-8")
        text = text.replace("example-one", accountable).replace("example-two", deputy)
        (book / file).write_text(text, encoding="utf-8")


def test_refresh_puts_owner_and_deputy_on_call_where_the_examples_were_replaced(book):
    with_people(book, "ana-ruiz", "bo-li")
    folder = book / "systems" / "my-system"
    for file in ("on_call.yaml", "rollback.yaml"):
        (folder / file).unlink()

    new(book, "my-system", "--refresh")

    system = read_workbook(book).system("my-system")
    turns = {layer.role: layer.participants for layer in system.on_call.layers}
    assert turns == {"primary": ("ana-ruiz",), "secondary": ("bo-li",)}
    assert system.rollback.author == "ana-ruiz"


def test_refresh_leaves_the_rota_empty_where_nobody_owns_the_system_yet(book):
    with_people(book, "ana-ruiz", "bo-li")
    folder = book / "systems" / "my-system"
    (folder / "ownership.yaml").unlink()
    (folder / "on_call.yaml").unlink()

    new(book, "my-system", "--refresh")

    assert read_workbook(book).system("my-system").on_call.layers == ()
    assert [e.target for e in read_workbook(book).system("my-system").on_call.escalation]


def test_refresh_of_an_unchanged_system_writes_the_same_bytes(book):
    before = everything(book)

    new(book, "my-system", "--refresh")

    assert everything(book) == before


def test_refresh_of_no_system_says_how_to_start_it(book):
    result = new(book, "helper", "--refresh")

    assert isinstance(result.exception, UsageError)
    assert "ops-model new helper --kind predictive --tier B" in str(result.exception)


def test_refresh_goes_with_no_other_option(book):
    result = new(book, "my-system", "--refresh", "--tier", "A")

    assert "--refresh goes with no other option" in str(result.exception)


@pytest.mark.parametrize("system", ["a b", "../evil", "portfolio"])
@pytest.mark.parametrize("more", [(), ("--refresh",), ("--refresh", "--tier", "A")])
def test_an_id_that_is_none_is_what_is_told_whatever_is_wrong_beside(book, system, more):
    refused = new(book, system, *more).exception

    assert isinstance(refused, UsageError)
    assert str(refused).startswith(f"{system!r} cannot be the id of a system")
    assert f"new {system}" not in str(refused)
