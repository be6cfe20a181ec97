"""Results of inspect-ai and promptfoo as rows of a trial."""

import pytest

from ops_model.analysis.trial_inspect import rows_of_inspect
from ops_model.analysis.trial_promptfoo import rows_of_promptfoo
from ops_model.analysis.trial_results import trial_of
from ops_model.errors import WarehouseError
from tests.analysis.eval_samples import log, result, sample, summary


def of_inspect(*logs, score="score"):
    return rows_of_inspect([(f"log{n}", one) for n, one in enumerate(logs)], score, "logs")


def of_promptfoo(*documents, score="score"):
    return rows_of_promptfoo([(f"f{n}", one) for n, one in enumerate(documents)], score, "out")


def of(rows, name):
    return [row[name] for row in rows.rows]


def test_a_sample_of_inspect_is_a_row_with_what_its_own_model_cost():
    (row,) = of_inspect(log(samples=[sample("s1", epoch=3)])).rows

    assert (row["case_id"], row["repeat"], row["score"]) == ("s1", 3, 1.0)
    assert (row["cost_usd"], row["latency_s"]) == (0.002, 1.5)
    assert (row["model_requested"], row["judge_version"], row["topic"]) == (
        "openai/new", "match", "sums",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "score"),
    [("C", 1.0), ("I", 0.0), ("P", 0.5), ("N", 0.0), (True, 1.0), (0.25, 0.25), ("yes", 1.0),
     ("0.7", 0.7), (None, None), (float("nan"), None), (["C"], None)],
)  # fmt: skip
def test_scores_of_inspect_are_read_as_its_own_metrics_read_them(value, score):
    assert of(of_inspect(log(samples=[sample("s", value=value)])), "score") == [score]


def test_logs_of_two_models_are_two_arms_and_of_one_model_two_files():
    two = of_inspect(log("a", [sample("s")]), log("b", [sample("s")]))
    same = of_inspect(log("a", [sample("s")]), log("a", [sample("s")]))

    assert (of(two, "arm"), of(same, "arm")) == (["a", "b"], ["log0", "log1"])


def test_samples_of_two_tasks_are_told_apart():
    rows = of_inspect(log("a", [sample(1)]), log("b", [sample(1)], task="letters"))

    assert of(rows, "case_id") == ["sums/1", "letters/1"]


def test_of_several_scorers_one_has_to_be_named():
    both = sample("s", scores={"match": {"value": "C"}, "style": {"value": {"tone": 0.5}}})

    with pytest.raises(WarehouseError, match="has 2 scorers, and one is compared: match, style"):
        of_inspect(log(samples=[both]))
    assert of(of_inspect(log(samples=[both]), score="match"), "score") == [1.0]
    assert of(of_inspect(log(samples=[both]), score="style.tone"), "score") == [0.5]


def test_the_model_that_grades_is_part_of_the_judge():
    graded = log(samples=[sample("s")], model_roles={"grader": {"model": "openai/judge"}})

    assert of(of_inspect(graded), "judge_version") == ["match by openai/judge"]


def test_invalid_samples_and_runs_that_broke_off_are_told():
    rows = of_inspect(log(samples=[sample("s"), sample("t", invalidation={"author": "x"})],
                          status="error"))  # fmt: skip

    assert len(rows.rows) == 1
    assert rows.notes == ("1 samples of log0 were marked invalid",)
    assert rows.doubts == ("the run of log0 ended as 'error', so it is not whole",)


def test_scores_that_are_words_in_one_log_and_numbers_in_another_are_doubted():
    words, numbers = log("a", [sample("s")]), log("b", [sample("s", value=0.6)])

    assert of_inspect(words, words).doubts == ()
    assert of_inspect(words, numbers).doubts == (
        "some scores of match are words, such as C, and others numbers",
    )


def test_a_result_of_promptfoo_is_a_row():
    rows = of_promptfoo(summary(result(0), result(1, "openai:old", passed=False)))

    assert of(rows, "arm") == ["openai:new", "openai:old"]
    assert of(rows, "score") == [1.0, 0.0]
    assert of(rows, "case_id")[0] == of(rows, "case_id")[1]
    assert (of(rows, "latency_s")[0], of(rows, "cost_usd")[0], of(rows, "topic")[0]) == (
        0.42, 0.001, "sums",
    )  # fmt: skip


def test_the_same_question_with_another_number_is_a_repeat_and_another_answer_another_case():
    other = result(2)
    other["testCase"] = other["testCase"] | {"assert": [{"type": "contains", "value": "5"}]}
    rows = of_promptfoo(summary(result(0), result(1), other))

    assert of(rows, "repeat") == [1, 2, 1]
    assert len(set(of(rows, "case_id"))) == 2


@pytest.mark.parametrize(
    ("score", "value"), [("score", 0.4), ("passed", 1.0), ("tone", 0.75), ("other", None)]
)
def test_score_passed_or_a_metric_of_promptfoo_may_be_compared(score, value):
    assert of(of_promptfoo(summary(result(0, score=0.4)), score=score), "score") == [value]


def test_prompts_are_the_arms_where_there_is_one_provider():
    short = result(0, prompt={"raw": "2+2", "label": "short"})
    rows = of_promptfoo(summary(result(0), short))

    assert of(rows, "arm") == ["Work out {{sum}}", "short"]


def test_files_are_the_arms_where_all_else_is_the_same():
    assert of(of_promptfoo(summary(result(0)), summary(result(0))), "arm") == ["f0", "f1"]


def test_answers_out_of_a_cache_cost_nothing_that_counts():
    cached = result(0, response={"output": "4", "cached": True}, latencyMs=1, cost=0)
    rows = of_promptfoo(summary(cached))

    assert (of(rows, "cost_usd"), of(rows, "latency_s")) == ([None], [None])
    assert rows.notes == ("1 answers are out of a cache; their cost and seconds are left out",)


def test_calls_that_failed_are_no_wrong_answers_and_told_by_arm():
    failed = result(0, passed=False, failureReason=2, error="timeout")
    rows = of_promptfoo(summary(failed, result(1, asked="2+3")))

    assert of(rows, "score") == [1.0]
    assert rows.notes == (
        "1 calls of openai:new ended in an error, which is no answer: they count as missing",
    )


@pytest.mark.parametrize("found", [{}, {"results": {"outputs": []}}, "text", 3])
def test_what_is_no_output_of_promptfoo_is_refused(found):
    with pytest.raises(WarehouseError, match="f0 holds no list of results"):
        of_promptfoo(found)


def test_a_slice_that_no_result_has_is_refused_with_those_there_are():
    rows = of_promptfoo(summary(result(0)))

    with pytest.raises(WarehouseError, match=r"no result has 'topics' .*there are: sum, topic"):
        rows.table(("topics",), "out")


def test_no_result_at_all_is_refused():
    with pytest.raises(WarehouseError, match="holds no result"):
        of_promptfoo(summary()).table((), "out")


def test_the_rows_of_either_tool_make_a_trial():
    tested = of_promptfoo(summary(*(
        result(n, provider, asked=f"{n}+1", passed=n % 3 > 0 or provider == "b")
        for n in range(9) for provider in ("a", "b")
    )))  # fmt: skip
    found = trial_of(tested.table(("topic",), "out"), score="score", slices=("topic",),
                     champion="a", challenger="b")  # fmt: skip

    assert (found.cases, found.binary, found.first.sum(), found.second.sum()) == (9, True, 6, 9)
    assert set(found.slices["topic"]) == {"sums"}
