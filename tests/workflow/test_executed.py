from dataclasses import replace

import pytest

from ops_model.workflow.executed import EXECUTED, MAX_SEALED_BYTES, executed
from tests.site import samples
from tests.workflow.bundles import PLACE, a_bundle

NOTEBOOK = '{"cells": [{"cell_type": "markdown", "source": "What was shown."}]}'


@pytest.fixture
def run(tmp_path):
    manifest = a_bundle(tmp_path, NOTEBOOK)
    return samples.run("r1", "07_weekly_ops_report", bundle=PLACE, manifest=manifest)


def problem_of(root, run):
    read = executed(root, run)
    assert read.content == b""
    return read.problem


def test_a_notebook_is_read_as_it_was_sealed(tmp_path, run):
    read = executed(tmp_path, run)

    assert read.content.decode() == NOTEBOOK
    assert read.problem == ""


def test_nothing_is_shown_of_a_notebook_that_changed(tmp_path, run):
    place = tmp_path / PLACE / EXECUTED
    place.write_text(place.read_text().replace("What", "Who "))

    assert problem_of(tmp_path, run) == "executed.ipynb was changed"


def test_nothing_is_shown_of_a_bundle_of_which_any_other_file_changed(tmp_path, run):
    (tmp_path / PLACE / "records.json").write_text("{}")

    assert problem_of(tmp_path, run) == "records.json was changed"


def test_nothing_is_shown_of_a_bundle_whose_manifest_the_ledger_does_not_know(tmp_path, run):
    other = replace(run, manifest=samples.digest("another"))

    assert "is not the one that the ledger recorded" in problem_of(tmp_path, other)


def test_nothing_is_shown_of_a_run_without_a_digest_on_record(tmp_path, run):
    said = problem_of(tmp_path, replace(run, manifest=None))

    assert said == "the ledger recorded no digest of it"


def test_a_bundle_that_is_gone_is_said_to_be(tmp_path, run):
    said = problem_of(tmp_path, replace(run, bundle="runs/flight-delay/gone/r1"))

    assert said == "the bundle is not there"


def test_a_notebook_that_became_a_link_is_not_followed(tmp_path, run):
    place = tmp_path / PLACE / EXECUTED
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")

    assert problem_of(tmp_path, run) == "executed.ipynb is a symbolic link"


@pytest.mark.parametrize("place", ["/etc", "../other/runs", "runs/../../x", ""])
def test_a_ledger_that_names_a_place_outside_the_workbook_is_not_followed(tmp_path, run, place):
    said = problem_of(tmp_path, replace(run, bundle=place))

    assert said == "the ledger names no folder below the workbook"


def test_a_notebook_too_large_for_a_page_is_not_read(tmp_path):
    manifest = a_bundle(tmp_path, "x" * (MAX_SEALED_BYTES + 1))
    run = samples.run("r1", "07_weekly_ops_report", bundle=PLACE, manifest=manifest)

    assert problem_of(tmp_path, run) == "it is too large for a page: 16,777,217 bytes"


def test_a_folder_that_cannot_be_looked_at_is_told_and_stops_nothing(tmp_path, run):
    said = problem_of(tmp_path, replace(run, bundle="runs/" + "x" * 300))

    assert said == "it could not be read: File name too long"
