import json
import zipfile

import pyarrow.parquet as pq
import pytest

from ops_model.errors import UsageError, WarehouseError
from tests.analysis.eval_samples import log, result, sample, summary
from tests.analysis.trials import as_arrow, results, right_or_wrong
from tests.cli.logs import call

KEYS = ("verdict", "difference", "low", "high", "margin", "cases", "cases_needed", "slices")


def write(path, *, won=60, lost=20, **more):
    """1,000 cases of `old` and `new`, of which so many flip."""
    kinds = right_or_wrong(both=700, won=won, lost=lost, neither=300 - won - lost)
    pq.write_table(as_arrow(results(*kinds, **more)), path)
    return path


def asked(path, *more):
    return call("compare", "--results", path, "--champion", "old", *more)


def test_the_promised_keys_are_there(tmp_path):
    path = write(tmp_path / "r.parquet", task=["a", "b"] * 500)
    done = asked(path, "--json", "--margin", "0.02", "--slice", "task")

    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert tuple(said)[: len(KEYS) - 1] == (*KEYS[:5], "no_worse_than", "cases")
    assert (said["verdict"], said["difference"], said["cases"]) == ("better", 0.04, 1000)
    assert said["low"] == pytest.approx(0.04 - 1.96 * (0.0784 / 1000) ** 0.5, abs=1e-3)
    assert (said["margin"], said["cases_needed"]) == (0.02, None)
    assert [one["name"] for one in said["slices"]] == ["task = a", "task = b"]


def test_undecided_says_how_many_more_cases_it_takes(tmp_path):
    """Flips of 8 % and a difference of 1 point: 6,277 in all, as by hand.

    (1.95996 sqrt(0.08) + 0.84162 sqrt(0.0799))^2 / 0.01^2 = (0.55436 + 0.23789)^2 / 0.0001.
    """
    path = write(tmp_path / "r.parquet", won=45, lost=35)
    done = asked(path, "--json")

    said = json.loads(done.stdout)
    assert (said["verdict"], said["cases_needed"], said["cases_more"]) == ("undecided", 6277, 5277)


def test_only_what_passes_is_let_through_the_gate(tmp_path):
    better = write(tmp_path / "better.parquet")
    worse = write(tmp_path / "worse.parquet", won=20, lost=60)
    same = write(tmp_path / "same.parquet", won=0, lost=0)

    assert asked(better, "--gate").exit_code == 0
    assert asked(worse).exit_code == 0
    assert asked(worse, "--gate").exit_code == 1
    assert asked(same, "--gate").exit_code == 1
    assert asked(same, "--gate", "--margin", "0.02").exit_code == 0


def test_a_product_person_can_read_it(tmp_path):
    path = write(tmp_path / "r.parquet", cost_usd=[0.02] * 1000 + [0.01] * 1000,
                 task=[f"t{n % 4}" for n in range(1000)])  # fmt: skip
    done = asked(path, "--margin", "0.02", "--slice", "task")

    assert "Better: new is 4.0 points better than old on 1,000 cases" in done.stdout
    assert "old is right in 72.0 % of its answers, new in 76.0 %." in done.stdout
    assert "8.0 % of the cases flip: 60 turn right, 20 turn wrong." in done.stdout
    assert "A case of new costs 0.5 times as much as one of old" in done.stdout
    assert "Of 4 slices, corrected for their number after Holm" in done.stdout
    assert "t0" in done.stdout


def test_without_a_margin_it_says_what_cannot_be_shown(tmp_path):
    done = asked(write(tmp_path / "r.parquet"))

    assert "No margin was set, so nothing counts as no worse" in done.stdout


def test_production_is_refused_with_the_reason(tmp_path):
    done = asked(write(tmp_path / "r.parquet"), "--environment", "production")

    assert isinstance(done.exception, UsageError)
    assert "reaches users before anybody knows how good it is" in str(done.exception)


@pytest.mark.parametrize("margin", ["0", "-0.02", "nan", "inf"])
def test_a_margin_that_is_none_is_refused(tmp_path, margin):
    done = asked(write(tmp_path / "r.parquet"), "--margin", margin)

    assert isinstance(done.exception, UsageError)
    assert "expected a number above 0" in str(done.exception)


def test_a_margin_in_points_is_refused_with_the_part_of_one(tmp_path):
    done = asked(write(tmp_path / "r.parquet"), "--margin", "2")

    assert "write 2 points as --margin 0.02" in str(done.exception)


def test_a_margin_wider_than_all_scores_is_refused(tmp_path):
    columns = results([0.8] * 50 + [0.9] * 50, [0.4] * 100)
    pq.write_table(as_arrow(columns), tmp_path / "shares.parquet")
    columns["score"] = [100 * score for score in columns["score"]]
    pq.write_table(as_arrow(columns), tmp_path / "percent.parquet")
    shares = asked(tmp_path / "shares.parquet", "--margin", "2")
    percent = asked(tmp_path / "percent.parquet", "--margin", "100")

    assert "all scores lie between 0 and 1; expected a part of one" in str(shares.exception)
    assert "write 2 points as --margin 0.02" in str(shares.exception)
    assert "all scores lie between 0 and 100; expected less than 100" in str(percent.exception)


def test_a_table_of_production_is_refused(tmp_path):
    path = write(tmp_path / "r.parquet", environment=["production"] * 1000)

    assert "answered in production; expected test" in str(asked(path).exception)


def test_csv_json_lines_and_duckdb_are_read_too(tmp_path):
    import duckdb

    path = write(tmp_path / "r.parquet")
    duckdb.sql(f"copy (from '{path}') to '{tmp_path}/r.csv'")
    duckdb.sql(f"copy (from '{path}') to '{tmp_path}/r.jsonl' (format json)")
    with duckdb.connect(str(tmp_path / "r.duckdb")) as held:
        held.sql(f"create table trial as from '{path}'")
    expected = json.loads(asked(path, "--json").stdout)

    for name in ("r.csv", "r.jsonl", "r.duckdb/trial"):
        assert json.loads(asked(tmp_path / name, "--json").stdout) == expected


def test_passed_stands_for_the_score_where_there_is_none(tmp_path):
    columns = results(*right_or_wrong(both=70, won=14, lost=3, neither=13))
    columns["passed"] = [bool(score) for score in columns.pop("score")]
    pq.write_table(as_arrow(columns), tmp_path / "r.parquet")

    assert "Better: new" in asked(tmp_path / "r.parquet").stdout


def test_a_table_that_is_no_trial_is_refused_with_what_it_lacks(tmp_path):
    columns = results([1, 0], [1, 1])
    columns["caseid"] = columns.pop("case_id")
    pq.write_table(as_arrow(columns), tmp_path / "r.parquet")
    done = asked(tmp_path / "r.parquet")

    assert isinstance(done.exception, WarehouseError)
    assert "has no column 'case_id'; it has: arm, score, caseid" in str(done.exception)
    assert "did you mean 'caseid'?" in str(done.exception)


def test_two_archives_of_inspect_are_compared(tmp_path):
    for model, value in (("openai/old", "I"), ("openai/new", "C")):
        samples = [sample(f"s{n}", value=value if n < 20 else "C") for n in range(60)]
        with zipfile.ZipFile(tmp_path / f"{model[7:]}.eval", "w") as held:
            held.writestr("header.json", json.dumps(log(model)))
            held.writestr("summaries.json", json.dumps(samples))
    done = call("compare", "--results", tmp_path, "--format", "inspect_ai", "--slice", "topic",
                "--champion", "openai/old", "--json")  # fmt: skip

    said = json.loads(done.stdout)
    assert (said["verdict"], said["cases"], said["champion"]["value"]) == (
        "better", 60, pytest.approx(2 / 3),
    )  # fmt: skip
    assert said["slices"][0]["name"] == "topic = sums"


def test_an_archive_that_is_taken_for_a_table_says_what_it_is(tmp_path):
    (tmp_path / "run.eval").write_bytes(b"PK")

    assert "--format inspect_ai" in str(asked(tmp_path / "run.eval").exception)


def test_the_output_of_promptfoo_is_compared(tmp_path):
    rows = [result(n, arm, asked=f"{n}+1", passed=arm == "new" or n % 2 == 0)
            for n in range(60) for arm in ("old", "new")]  # fmt: skip
    (tmp_path / "out.json").write_text(json.dumps(summary(*rows)))
    done = asked(tmp_path / "out.json", "--format", "promptfoo", "--json")

    said = json.loads(done.stdout)
    assert (said["verdict"], said["flips"]["to_right"], said["repeats"]) == ("better", 30, 1)


def test_calls_of_promptfoo_that_failed_do_not_make_the_other_arm_better(tmp_path):
    rows = [result(n, arm, asked=f"{n}+1", passed=n % 5 < 3) for n in range(200)
            for arm in ("old", "new")]  # fmt: skip
    for row in rows[:200:2]:
        row |= {"success": False, "score": 0.0, "failureReason": 2, "error": "429"}
    (tmp_path / "out.json").write_text(json.dumps(summary(*rows)))
    said = json.loads(
        asked(tmp_path / "out.json", "--format", "promptfoo", "--json", "--margin", "0.1").stdout
    )

    assert (said["verdict"], said["cases"], said["difference"]) == ("undecided", 100, 0.0)
    assert "100 cases have no row of old" in said["faults"][0]


def test_looks_are_told_with_their_number(tmp_path):
    done = asked(write(tmp_path / "r.parquet"), "--look-every", "100")

    assert "Looked at every 100 cases (10 looks so far)" in done.stdout


def test_names_of_arms_are_no_orders_to_a_terminal(tmp_path):
    columns = results(*right_or_wrong(both=70, won=14, lost=3, neither=13),
                      names=("old", "new\x1b[2J"))  # fmt: skip
    pq.write_table(as_arrow(columns), tmp_path / "r.parquet")

    assert "\x1b" not in asked(tmp_path / "r.parquet").stdout
