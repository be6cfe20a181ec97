"""What papermill 2.7 was seen to do wrong, and the test that shows that a run of ours does not."""

import re
from pathlib import Path

import pytest

from ops_model.notebook.spec import RunSpec

TESTS = Path(__file__).resolve().parents[1]
ROWS = {
    "a killed kernel leaves a notebook whose cells all say completed":
        "notebook/test_run_one.py::test_a_kernel_that_dies_fails_the_run_and_nothing_says_completed",
    "so does a cell over its limit":
        "notebook/test_run_one.py::test_a_cell_over_its_limit_ends_the_run_even_when_it_ignores_the_interrupt",
    "a hung cell runs for ever":
        "notebook/test_papermill.py::test_no_run_is_without_a_limit",
    "killed in mid-cell, it leaves a valid notebook with cells that seem to run":
        "workflow/test_killed_runs.py::test_a_run_killed_at_a_stage_leaves_no_half_bundle_and_no_half_record",
    "killed in mid-cell, its kernel lives on":
        "notebook/test_run_one.py::test_a_runner_that_is_killed_takes_its_kernel_along",
    "killed while it saves, it leaves a notebook that nobody can read":
        "faults/test_saving.py::test_a_notebook_is_there_whole_or_not_at_all_whenever_its_writer_is_killed",
    "a full disk destroys the good report":
        "faults/test_fleet_faults.py::test_a_full_disk_fails_the_runs_that_it_meets_and_keeps_the_good_ones",
    "a run that fails overwrites the last good one":
        "workflow/test_run.py::test_a_run_that_fails_is_recorded_with_its_cell_and_leaves_the_last_good_one",
    "an unknown parameter is a line in a log":
        "notebook/test_parameters.py::test_an_unknown_name_is_refused_with_the_nearest_one",
    "a value of the wrong type is taken":
        "notebook/test_parameters.py::test_a_value_of_another_type_or_no_plain_json_is_refused",
    "without a parameters cell the notebook's own values win":
        "notebook/test_parameters.py::test_a_notebook_without_a_parameters_cell_is_refused",
    "a tuple becomes a text that can be code, a date breaks off with a traceback":
        "notebook/test_parameters.py::test_a_text_that_only_pretends_to_be_text_is_refused",
    "a secret as a parameter is copied twice into the notebook":
        "hostile/test_parameters.py::test_a_secret_as_a_parameter_is_refused_and_not_repeated",
    "leaving with code 3 fails the run, as it should":
        "notebook/test_limits.py::test_a_cell_that_leaves_with_code_three_fails_the_run",
    "an exception in a thread is no failure":
        "notebook/test_run_one.py::test_an_exception_in_a_thread_fails_the_run",
    "a tag may turn a failure into a pass":
        "notebook/test_run_one.py::test_no_tag_turns_a_failure_into_a_pass",
    "a worker that is killed takes the runs of all others with it":
        "workflow/test_fleet.py::test_a_process_that_is_killed_takes_no_run_with_it",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_a_test_shows_that_it_does_not_happen_here(row):
    file, _, name = ROWS[row].partition("::")

    assert re.search(rf"^def {name}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE)


def test_no_run_is_without_a_limit():
    limits = ("cell_seconds", "run_seconds", "memory_mib", "output_mib")

    defaults = {name: RunSpec.model_fields[name].default for name in limits}

    assert defaults == {
        "cell_seconds": 300, "run_seconds": 900, "memory_mib": 4096, "output_mib": 64,
    }  # fmt: skip
