"""The register: each of the 146 rows, what it asks in our words, and what delivers it.

It is what holds the catalogue together. A row that nothing delivers yet names what it waits for.
"""

import json
import re
from collections import Counter

import pytest

from ops_model.check.explained import markdown
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
from ops_model.shipped import shipped
from tests.checks.judged import shipped_catalogue
from tests.checks.register_rows import ASIDE, is_awaited, is_there, rows
from tests.checks.test_every_check import IDS

SEEDS = {"S0": 24, "S1": 38, "S2": 22, "S3": 37, "S4": 25}
"""How many rows each text has."""
ON_PAGES_ALONE = {"frame": {"S0.7", "S2.7", "S4.23"}, "footer": {"S0.24"}}
"""Rows that set a tone and ask for nothing that could be built."""


def test_there_is_a_row_for_everything_that_is_asked_and_for_nothing_else():
    assert Counter(row.row.split(".")[0] for row in rows()) == SEEDS
    assert len(rows()) == 146
    assert {row.row for row in rows()} == {
        f"{seed}.{n}" for seed, count in SEEDS.items() for n in range(1, count + 1)
    }


def test_each_row_says_in_a_sentence_of_ours_what_it_asks():
    assert [row.row for row in rows() if len(row.asks.split()) < 4] == []
    assert len({row.asks for row in rows()}) == 146
    # Quoted words stand in the texts; here stands what we read in them.
    assert [row.row for row in rows() if '"' in row.asks] == []


def test_every_row_has_something_that_delivers_it_or_names_what_it_waits_for():
    assert [row.row for row in rows() if not row.deliverers and not row.waits_for] == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.row)
def test_what_delivers_a_row_is_there_and_what_it_waits_for_is_not(row):
    assert [name for name in row.deliverers if not is_there(name)] == []
    assert [name for name in row.waits_for if not is_awaited(name)] == []


def test_only_the_listed_rows_are_a_frame_or_a_footer():
    for word in ASIDE:
        assert {row.row for row in rows() if word in row.deliverers} == ON_PAGES_ALONE[word]


@pytest.mark.parametrize("check_id", IDS)
def test_a_check_and_the_register_name_each_other(check_id):
    asked_by = {row.row for row in rows() if check_id in row.checks}

    assert set(shipped_catalogue().check(check_id).source) == asked_by


def test_every_check_is_used_by_a_notebook():
    areas = {check.area for check in shipped_catalogue().checks}
    code = [
        "".join(cell["source"])
        for path in shipped("notebooks").glob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]

    shown = {area for text in code for area in areas if "workflow.area(" in text and
             f'"{area}"' in text}  # fmt: skip

    assert shown == areas


def test_every_group_of_checks_is_mapped_to_a_control():
    mapped = {row.group for row in shipped_catalogue().register.mappings}

    assert set(DEFAULT_MINIMUM_GRADES) <= mapped


def test_the_printed_catalogue_is_that_of_the_checks():
    page = (shipped("checks") / "CATALOGUE.md").read_text(encoding="utf-8")

    # `make catalogue` writes it anew; read what it changed.
    assert page == markdown(shipped_catalogue())


def test_nothing_that_lies_beside_the_checks_claims_more_than_evidence_can_show():
    words = re.compile(r"\b(compliant|certified|guaranteed)\b", re.IGNORECASE)
    files = [f for f in shipped("checks").iterdir() if f.suffix in {".md", ".csv", ".yaml"}]

    assert len(files) == 5
    assert [f.name for f in files if words.search(f.read_text(encoding="utf-8"))] == []
