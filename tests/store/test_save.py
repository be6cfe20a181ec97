"""One answer saved in place: comments kept, all else byte for byte, or nothing at all."""

import re
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_model.domain.decisions import Decisions
from ops_model.domain.on_call import OnCallRotation
from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.ownership import Ownership
from ops_model.domain.system import AISystem
from ops_model.errors import WorkbookError
from ops_model.shipped import shipped
from ops_model.store.claim_file import read_claim
from ops_model.store.save import edited, read_answer, save_answer, save_answers
from ops_model.store.schema import SCHEMA_FILES
from ops_model.store.yaml_nodes import read_yaml
from ops_model.store.yaml_text import scalar, to_yaml
from tests.store.claim_trees import trees

START = shipped("templates") / "start" / "systems" / "my-system"
OWNERSHIP = """\
# Who is accountable?
accountable: mara-lindqvist   # since spring

deputy: 'bo-li'
domains:                      # one person each
  reliability: bo-li
  # cost was never settled
  cost: ed-fin
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "ownership.yaml").write_text(OWNERSHIP, encoding="utf-8")
    return tmp_path


def save(root, key, value):
    return save_answer(root, "ownership.yaml", key, value, model=Ownership)


def text(root):
    return (root / "ownership.yaml").read_text(encoding="utf-8")


def test_only_the_named_value_changes(root):
    save(root, "accountable", "ana-ruiz-santos")

    # The comment stays in its column as far as the longer name lets it.
    assert text(root) == OWNERSHIP.replace(
        "mara-lindqvist   # since spring", "ana-ruiz-santos  # since spring"
    )


def test_a_quote_stays_the_quote_that_it_was(root):
    save(root, "deputy", "cy-data")

    assert "deputy: 'cy-data'\n" in text(root)


def test_a_key_deep_inside_is_reached_by_a_dotted_path(root):
    saved = save(root, "domains.cost", "ana-ruiz")

    assert text(root) == OWNERSHIP.replace("ed-fin", "ana-ruiz")
    assert (saved.before, saved.after) == ("ed-fin", "ana-ruiz")


def test_none_takes_a_key_out_and_leaves_its_neighbours_comments(root):
    save(root, "domains.reliability", None)

    assert text(root) == OWNERSHIP.replace("  reliability: bo-li\n", "")


def test_a_new_key_stands_behind_those_that_the_schema_names_before_it(root):
    save(root, "lifecycle_owner", "fay-product")

    assert "deputy: 'bo-li'\nlifecycle_owner: fay-product\ndomains:" in text(root)


def test_an_equal_answer_writes_nothing(root):
    before = (root / "ownership.yaml").stat()

    saved = save(root, "deputy", "bo-li")

    after = (root / "ownership.yaml").stat()
    assert not saved.changed
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_list_in_place_of_nothing_keeps_the_comment_of_its_line():
    before = "rights: []   # nobody yet\n# the end\n"
    value = [{"action": "rollback", "holder": "primary", "autonomy": "alone"}]

    after = edited(before, "decisions.yaml", ("rights",), value, Decisions)

    assert after == (
        "rights:      # nobody yet\n  - action: rollback\n    holder: primary\n"
        "    autonomy: alone\n# the end\n"
    )


def test_an_item_more_leaves_the_comments_of_the_others(tmp_path):
    text = (START / "on_call.yaml").read_text("utf-8")
    layers = read_yaml(text, "x")[0]["layers"]
    third = {**layers[0], "id": "third"}

    after = edited(text, "on_call.yaml", ("layers",), [*layers, third], OnCallRotation)

    assert [line for line in text.splitlines() if line not in after.splitlines()] == []
    assert len(after.splitlines()) == len(text.splitlines()) + 7


def test_a_list_that_is_emptied_is_written_as_an_empty_one():
    text = "layers:  # turns\n  - id: x\n    role: primary\n\nescalation: []\n"

    after = edited(text, "on_call.yaml", ("layers",), [], OnCallRotation)

    assert after == "layers: []  # turns\n\nescalation: []\n"


@pytest.mark.parametrize("before", ["name:\ntier: C\n", "name: ~\ntier: C\n", "{name: , tier: C}"])
def test_a_key_without_a_value_gets_one(before):
    after = edited(before, "system.yaml", ("name",), "Delays", AISystem)

    assert read_yaml(after, "x")[0] == {"name": "Delays", "tier": "C"}


def test_a_file_without_a_last_line_end_gets_its_new_key_on_a_line_of_its_own():
    assert edited("name: x", "system.yaml", ("tier",), "A", AISystem) == "name: x\ntier: A\n"


def test_line_ends_and_a_byte_order_mark_stay(tmp_path):
    file = tmp_path / "ownership.yaml"
    file.write_bytes(b"\xef\xbb\xbfaccountable: a   # x\r\ndeputy: b\r\n")

    save(tmp_path, "deputy", "c")

    assert file.read_bytes() == b"\xef\xbb\xbfaccountable: a   # x\r\ndeputy: c\r\n"


def test_each_line_keeps_its_own_end(tmp_path):
    file = tmp_path / "ownership.yaml"
    file.write_bytes(b"# one\r\naccountable: a\n\n# two\r\ndeputy: b\r\n")

    save(tmp_path, "accountable", "c")
    save(tmp_path, "lifecycle_owner", "d")

    # The new last line ends as the one above it.
    assert file.read_bytes() == (
        b"# one\r\naccountable: c\n\n# two\r\ndeputy: b\r\nlifecycle_owner: d\r\n"
    )


def test_a_last_line_without_an_end_gets_that_of_the_others(tmp_path):
    file = tmp_path / "ownership.yaml"
    file.write_bytes(b"accountable: a\r\n# x\ndeputy: b")

    save(tmp_path, "lifecycle_owner", "d")

    assert file.read_bytes() == b"accountable: a\r\n# x\ndeputy: b\nlifecycle_owner: d\n"


def test_a_file_that_is_read_only_is_refused_and_not_replaced(root):
    (root / "ownership.yaml").chmod(0o444)

    with pytest.raises(WorkbookError, match=r"ownership\.yaml: is read-only; nothing was saved"):
        save(root, "deputy", "cy-data")

    assert text(root) == OWNERSHIP
    assert stat.S_IMODE((root / "ownership.yaml").stat().st_mode) == 0o444


RIGHTS = """\
rights:   # who may what
  # the night is the primary's
  - {action: rollback, holder: primary, autonomy: alone, approvers: [felix-amado], backups: [bo]}
  - {action: retrain, holder: olek-sauer, autonomy: with_approval, approvers: [felix-amado]}  # r
"""


def test_a_line_in_brackets_that_grows_long_stays_one_and_keeps_its_comments():
    after = edited(
        RIGHTS, "decisions.yaml", ("rights", 0, "approvers"), ["felix-amado", "ruth-adeyemi"],
        Decisions,
    )  # fmt: skip

    assert after == RIGHTS.replace(
        "approvers: [felix-amado], backups", "approvers: [felix-amado, ruth-adeyemi], backups"
    )


def test_what_cannot_be_changed_in_place_costs_no_comment_around_it():
    # A folded text cannot be changed as it stands, its neighbours can.
    before = RIGHTS + "  - action: page_vendor\n    # why\n    text: >\n      a\n      b\n"

    after = edited(before, "decisions.yaml", ("rights", 2, "text"), "c", Decisions)

    assert after.startswith(RIGHTS)
    assert "    # why\n    text: c\n" in after


def a_list_that_holds_itself():
    held = [["a"]]
    held.append(held)
    return held


def a_deep_list():
    held = []
    for _ in range(60):
        held = [held]
    return held


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (a_list_that_holds_itself, "deputy holds a list that holds itself"),
        (a_deep_list, "deputy is nested more than 50 levels deep"),
    ],
)
def test_a_value_without_an_end_is_refused(root, made, said):
    with pytest.raises(WorkbookError, match=said):
        save(root, "deputy", made())

    assert text(root) == OWNERSHIP


def test_a_list_that_stands_twice_in_a_value_holds_nothing_of_itself(root):
    # Not an answer that fits, but one that is followed to its end.
    twice = ["a"]

    with pytest.raises(WorkbookError, match="deputy is a list; expected an id"):
        save(root, "deputy", [twice, twice])


@pytest.mark.parametrize(
    ("hidden", "said"),
    [("\x07", "control character U+0007"), ("\u200b", "invisible character U+200B")],
)
def test_an_answer_with_what_nobody_sees_says_which_character_it_is(root, hidden, said):
    with pytest.raises(WorkbookError, match=f"domains holds the {re.escape(said)}; expected"):
        save(root, "domains", {"cost": f"ed{hidden}"})

    assert text(root) == OWNERSHIP


def test_a_file_that_is_not_there_is_begun(tmp_path):
    save(tmp_path, "accountable", "ana-ruiz")

    assert text(tmp_path) == "accountable: ana-ruiz\n"


def test_an_answer_that_is_none_saves_nothing_and_says_all_that_is_wrong(root):
    with pytest.raises(WorkbookError) as caught:
        save(root, "domains", {"reliability": "Bo Li", "costs": "ed-fin"})

    assert text(root) == OWNERSHIP
    said = str(caught.value)
    assert "ownership.yaml:6: domains.reliability is Bo Li; expected an id" in said
    assert "domains.costs is an unknown key" in said
    assert "did you mean cost?" in said
    assert sorted(p.name for p in root.iterdir()) == ["ownership.yaml"]


def test_a_needed_key_cannot_be_taken_out(root):
    with pytest.raises(WorkbookError, match="accountable is missing"):
        save(root, "accountable", None)

    assert text(root) == OWNERSHIP


def test_a_value_that_yaml_of_ours_cannot_say_is_refused(root):
    with pytest.raises(WorkbookError, match="deputy is a set; expected text"):
        save(root, "deputy", {"a"})


def test_a_path_that_leads_to_nothing_is_refused(root):
    with pytest.raises(WorkbookError, match="leads to nothing at"):
        save(root, "accountable.x", "y")


def test_the_permissions_of_the_file_stay(root):
    (root / "ownership.yaml").chmod(0o640)

    save(root, "deputy", "cy-data")

    assert stat.S_IMODE((root / "ownership.yaml").stat().st_mode) == 0o640


def test_a_link_that_leaves_the_workbook_is_not_followed(tmp_path):
    book, outside = tmp_path / "book", tmp_path / "outside.yaml"
    book.mkdir()
    outside.write_text(OWNERSHIP)
    (book / "ownership.yaml").symlink_to(outside)

    with pytest.raises(WorkbookError, match="is a link that leaves the workbook"):
        save(book, "deputy", "cy-data")

    assert outside.read_text() == OWNERSHIP


def test_a_link_inside_the_workbook_stays_a_link(root):
    (root / "ownership.yaml").rename(root / "shared.yaml")
    (root / "ownership.yaml").symlink_to("shared.yaml")

    save(root, "deputy", "cy-data")

    assert (root / "ownership.yaml").is_symlink()
    assert "cy-data" in (root / "shared.yaml").read_text()


SURPRISES = [
    "NO", "12:30:45", "0123", "1.10", "yes", "null", "~", "", "#x", "a #b", "a: b", "a:", "- x",
    "two\nlines", "tab\there", " edges ", "😀", "مرحبا", "a\u200fb", "it's", 'say "x" \\',
    "*a", "&a",
    "!x", "%x", "@x", "`x", "[x", "{x", "x, y", "---", "? x", "<<", "=", "1_000", "0x1F", ".5",
    "1e3",
    "2026-03-01", "true", "on", "y",
]  # fmt: skip


@pytest.mark.parametrize("style", ["", "'", '"'])
@pytest.mark.parametrize("said", SURPRISES)
def test_a_text_reads_back_as_the_same_text_whatever_it_looks_like(said, style):
    written = f"k: {scalar(said, str, style=style)}  # c\n"

    assert read_yaml(written, "x") == ({"k": said}, [])


@pytest.mark.parametrize("said", ["NO", "12:30:45", "0123", "1.10", "yes", "null", "2026-03-01"])
def test_a_text_that_others_would_take_for_something_else_is_quoted(root, said):
    after = edited("name: x\n", "system.yaml", ("name",), said, AISystem)

    assert after == f"name: '{said}'\n"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_reads_back_or_is_refused_by_the_reader(said):
    tree, problems = read_yaml(f"k: {scalar(said, str)}\n", "x")

    assert problems or tree == {"k": said}


PATHS = sorted(START.glob("*.yaml"))
LEAF = st.one_of(
    st.none(),
    st.sampled_from(SURPRISES),
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8),
)
ANYTHING = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "role", "x", "to", "name"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_written_at_a_key_is_what_is_read_and_the_rest_stays(path, data):
    text = path.read_text("utf-8")
    tree = read_yaml(text, "x")[0]
    model = SCHEMA_FILES[path.stem]
    key = data.draw(st.sampled_from(sorted(model.model_fields)))
    value = data.draw(ANYTHING)

    after = read_yaml(edited(text, "x", (key,), value, model), "x")[0]

    assert after.get(key) == value
    assert {k: v for k, v in after.items() if k != key} == {
        k: v for k, v in tree.items() if k != key
    }


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_a_scalar_that_changes_loses_no_comment(path):
    text = path.read_text("utf-8")
    tree = read_yaml(text, "x")[0]
    key = next(k for k, v in tree.items() if not isinstance(v, dict) or v)

    after = edited(text, "x", (key,), "other", SCHEMA_FILES[path.stem])

    own = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in own if line not in after.splitlines()] == []


@pytest.mark.parametrize("stem", sorted(SCHEMA_FILES))
@settings(
    max_examples=30, deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large,
    ],
)  # fmt: skip
@given(data=st.data())
def test_yaml_to_model_to_yaml_is_the_identity(stem, data, tmp_path_factory):
    model = SCHEMA_FILES[stem]
    value = data.draw(trees(model))
    folder = tmp_path_factory.mktemp("yaml")

    (folder / "x.yaml").write_text(to_yaml(value), encoding="utf-8")
    read, problems = read_claim(folder.resolve(), "x.yaml", model)

    assert problems == []
    assert read == value
    assert to_yaml(read) == to_yaml(value)


def test_what_is_at_its_default_is_left_out():
    assert to_yaml(Ownership(accountable="ana-ruiz")) == "accountable: ana-ruiz\n"


def test_every_area_is_among_the_classes_of_files():
    assert {model for _, model in AREA_FILES.values()} <= set(SCHEMA_FILES.values())


def test_what_a_file_says_at_a_key_is_read_as_text(root):
    assert read_answer(root, "ownership.yaml", "domains.cost") == "ed-fin"
    assert read_answer(root, "ownership.yaml", "duties") is None


def test_of_several_answers_all_are_saved_or_none(tmp_path):
    path = "systems/scorer/on_call.yaml"
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    before = "# Who is paged?\nlayers: []  # nobody yet\noverrides: []\n"
    file.write_text(before)
    override = {
        "role": "primary", "person": "ana", "start": "2026-01-01T00:00:00Z",
        "end": "2026-01-02T00:00:00Z",
    }  # fmt: skip

    with pytest.raises(WorkbookError):
        save_answers(
            tmp_path, path, {"overrides": [override], "runbook": ["no text"]}, model=OnCallRotation
        )

    assert file.read_text() == before

    save_answers(
        tmp_path, path, {"overrides": [override], "runbook": "runbook.md"}, model=OnCallRotation
    )

    assert read_answer(tmp_path, path, "runbook") == "runbook.md"
    assert read_answer(tmp_path, path, "overrides.0.person") == "ana"
    assert file.read_text().startswith("# Who is paged?\nlayers: []  # nobody yet\n")
