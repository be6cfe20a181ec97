"""`ops-model oncall --card`: the four hours after a page, and the same as JSON."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from tests.builders import AS_OF, PEOPLE, a_workbook
from tests.domain.test_four_hours import FULL, MINUTES


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path, **FULL)


def oncall(root, *arguments):
    return CliRunner().invoke(
        ops_model, ["oncall", "flight-delay", "--card", *arguments, "--workbook", str(root)]
    )


def lines(root, *arguments):
    result = oncall(root, *arguments)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def card(root, *arguments):
    result = oncall(root, "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_card_asks_about_the_next_saturday_night_and_says_so(root):
    said = lines(root)

    # AS_OF is Monday 22 July 2013
    assert AS_OF.weekday() == 0
    assert "when      Sat 2013-07-27 02:00 UTC" in said


def test_the_card_can_be_asked_about_any_instant(root):
    assert "when      Wed 2013-07-24 10:00 UTC" in lines(root, "--at", "Wed 10:00")


def test_the_card_shows_every_minute_with_glyph_and_word(root):
    steps = [line for line in lines(root) if line.startswith("T+")]

    assert [int(line.split()[0][2:]) for line in steps] == MINUTES
    assert {tuple(line.split()[1:3]) for line in steps} == {("✓", "ok"), ("✖", "gap")}


def test_the_card_names_people_and_the_check_of_a_gap(root):
    said = lines(root)

    assert "T+8    ✖ gap  Has this person seen this model?  [Ana Ruiz]  ONC-05" in said
    assert not any("ana-ruiz" in line for line in said)


@pytest.mark.parametrize("times", [1, 100])
def test_the_card_wraps_at_100_columns_and_loses_no_word(tmp_path, times):
    said = " ".join(f"step{n} of the way back" for n in range(times))
    notice = " ".join(f"word{n} of the notice" for n in range(times))
    root = a_workbook(
        tmp_path,
        **{**FULL, "rollback": {"steps": [{"kind": "verify", "text": said,
                                           "expected_seconds": "1"}]},
           "decisions": {**FULL["decisions"],
                         "communication": [{**FULL["decisions"]["communication"][0],
                                            "text": notice}]}},
    )  # fmt: skip
    shown = lines(root)
    words = " ".join(shown).split()

    assert max(map(len, shown)) <= 100
    assert {f"step{n}" for n in range(times)} <= set(words)
    assert {f"word{n}" for n in range(times)} <= {word.strip("“”") for word in words}
    assert "…" not in "".join(shown)
    assert sum(line.startswith("T+") for line in shown) == 14


def test_every_place_to_look_at_stands_on_a_line_of_its_own_and_whole(root):
    told = card(root)["card"]["steps"]
    details = next(step["details"] for step in told if step["minute"] == 15)
    text = " ".join(" ".join(lines(root)).split())

    assert len(details) > 1
    assert all(f"  {detail.split()[0]}" in "\n".join(lines(root)) for detail in details)
    assert all(" ".join(detail.split()).split(": ")[0] in text for detail in details)


def test_json_holds_the_card_by_ids(root):
    given = card(root)

    assert (given["system"], given["at"]) == ("flight-delay", "2013-07-27T02:00:00Z")
    assert [s["minute"] for s in given["card"]["steps"]] == MINUTES
    assert set(given["card"]["steps"][0]) >= {
        "minute", "question", "answer", "who", "ok", "check", "looked_at",
    }  # fmt: skip
    assert given["card"]["steps"][1]["who"] == "ana-ruiz"
    assert given["card"]["minutes"]["page"] == 10
    assert given["card"]["minutes"]["contained_after"] == 25
    # nothing was drilled in this workbook
    assert [g["check"] for g in given["card"]["gaps"]] == ["INC-01", "ONC-05", "OBS-05", "RBK-02"]
    assert [one["failed"] for one in given["card"]["automatic"]] == [False, True, False]


def test_the_card_gates_on_its_gaps(root):
    assert oncall(root).exit_code == 0
    assert oncall(root, "--gate").exit_code == 1


def test_no_contact_stands_on_the_card(root):
    reached = {
        **PEOPLE,
        "people": [{**p, "contact_ref": "vault/phone-4711"} for p in PEOPLE["people"]],
    }
    (root / "people.yaml").write_text(json.dumps(reached))

    assert "4711" not in "\n".join(lines(root))
    assert "4711" not in json.dumps(card(root))
