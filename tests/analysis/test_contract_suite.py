"""What of a suite would pass without asking anything, and is refused before it is put."""

import json

import pytest

from ops_model.analysis.contract_suite import TAKEN, read_suite
from ops_model.shipped import shipped

BETWEEN = "expect_column_values_to_be_between"


def a_suite(*expectations):
    return json.dumps({"name": "test", "expectations": list(expectations)}).encode()


def fault(kind, severity="critical", **kwargs):
    suite = read_suite(a_suite({"type": kind, "kwargs": kwargs, "severity": severity}))
    return suite.asked[0].fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "what is none"),
        (b"\xff\xfe", "what is none"),
        (b"[]", "a list `expectations`"),
        (b"{}", "a list `expectations`"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"expectations": []}', "the library passes an empty suite"),
        (b'{"expectations": [], "expectations": [{}]}', "'expectations' twice"),
        (b'{"expectations": [{"type": "x", "kwargs": {"mostly": NaN}}]}', "got NaN"),
        (a_suite(*[{}] * 101), "at most 100 expectations, got 101"),
        (b" " * 1_000_001, "at most 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_suite_is_refused(text, said):
    with pytest.raises(ValueError, match=r"^expected") as error:
        read_suite(text)

    assert said in str(error.value)


@pytest.mark.parametrize(
    ("kind", "kwargs", "said"),
    [
        ("expect_column_values_to_be_betwen", {"column": "x"}, f"did you mean {BETWEEN}?"),
        ("expect_query_results_to_match_comparison", {}, "unknown or not taken"),
        ("expect_table_columns_to_match_set", {"column_set": ["x"]}, "unknown or not taken"),
        ("expect_column_values_to_be_of_type", {"column": "x", "type_": "object"}, "not taken"),
        (BETWEEN, {"column": "x"}, "min_value or max_value"),
        (BETWEEN, {"column": "x", "min_value": "0"}, "as numbers"),
        (BETWEEN, {"column": "x", "min_value": True}, "as numbers"),
        (BETWEEN, {"column": "x", "min_value": {"$PARAMETER": "y"}}, "as numbers"),
        (BETWEEN, {"column": "x", "min_vale": 0}, "may not have min_vale"),
        (BETWEEN, {"min_value": 0}, "expected `column`"),
        (BETWEEN, {"column": "x", "min_value": 0, "mostly": 0}, "`mostly` from 0.5 to 1"),
        (BETWEEN, {"column": "x", "min_value": 0, "mostly": 2}, "`mostly` from 0.5 to 1"),
        (BETWEEN, {"column": "x", "min_value": 0, "row_condition": "y > 3"}, "fits no row"),
        (BETWEEN, {"column": "x", "min_value": 0, "result_format": "COMPLETE"}, "may not have"),
        (BETWEEN, {"column": "x", "min_value": 0, "catch_exceptions": True}, "may not have"),
        ("expect_table_row_count_to_be_between", {}, "min_value or max_value"),
        ("expect_column_mean_to_be_between", {"column": "x"}, "min_value or max_value"),
        ("expect_column_values_to_be_in_set", {"column": "x", "value_set": []}, "`value_set`"),
        ("expect_column_values_to_be_in_set", {"column": "x"}, "`value_set`"),
        ("expect_column_values_to_be_in_set", {"column": "x", "value_set": [1, "a"]}, "alone"),
        ("expect_column_values_to_be_in_set", {"column": "x", "value_set": [None]}, "alone"),
        ("expect_compound_columns_to_be_unique", {"column_list": ["x"]}, "two names or more"),
    ],
)
def test_what_would_pass_without_asking_is_marked(kind, kwargs, said):
    assert said in fault(kind, **kwargs)


def test_an_unknown_severity_or_key_beside_the_type_is_marked():
    assert fault(BETWEEN, severity="low", column="x", min_value=0).startswith("severity: expected")
    odd = {"type": BETWEEN, "kwargs": {"column": "x", "min_value": 0}, "severty": "info"}
    assert "severty" in read_suite(a_suite(odd)).asked[0].fault
    assert "a `type` and `kwargs`" in read_suite(a_suite({"expectation_type": "x"})).asked[0].fault


def test_every_type_that_is_taken_is_one_of_the_librarys_own():
    # The library is heavy, and its names are those of its modules.
    from importlib.util import find_spec
    from pathlib import Path

    folder = Path(find_spec("great_expectations").origin).parent / "expectations" / "core"

    assert [kind for kind in TAKEN if not (folder / f"{kind}.py").is_file()] == []


@pytest.mark.parametrize(
    "path", sorted((shipped("checks") / "expectations").glob("*.json")), ids=lambda path: path.stem
)
def test_our_own_suites_have_no_fault_and_ask_for_rows(path):
    suite = read_suite(path.read_bytes())

    assert [asked.fault for asked in suite.asked if asked.fault] == []
    assert suite.asked[0].type == "expect_table_row_count_to_be_between"
    assert json.loads(path.read_text())["name"] == path.stem
