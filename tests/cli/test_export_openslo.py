"""`ops-model export openslo`: objectives for other tools, and those of others for us."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.errors import WorkbookError
from ops_model.store.workbook import read_workbook
from tests.cli.test_export import root as root  # noqa: PLC0414 - a fixture, which pytest finds by its name
from tests.store.test_openslo import FOREIGN

LEVELS = """# what we are held to
objectives:
  - id: answers   # the first
    indicator: availability
    target: 0.995
    window_days: 28
    log: requests
    good: status < 500
    alerts:
      - {burn_rate: 14.4, lookback_hours: 1, severity: page, alert_route: "page: primary"}
agreements:
  - {to: clerks, objective: answers, target: 0.99}
"""


@pytest.fixture
def with_levels(root):
    (root / "systems/scorer/service_levels.yaml").write_text(LEVELS)
    return root


def command(where, *arguments):
    said = ["export", "openslo", "scorer", "--workbook", str(where), *map(str, arguments)]
    return ops_model(said, standalone_mode=False)


def openslo(where, *arguments, code=0):
    said = ["export", "openslo", "scorer", "--workbook", str(where), *map(str, arguments)]
    result = CliRunner().invoke(ops_model, said)
    assert result.exit_code == code, result.output
    return result


def objectives(where):
    (system,) = read_workbook(where).systems
    return system.service_levels.objectives


def test_what_was_exported_comes_back_as_it_was(with_levels, tmp_path):
    before, file = objectives(with_levels), tmp_path / "slo.yaml"

    told = openslo(with_levels, "--into", file)
    openslo(with_levels, "--from", file, "--save")

    assert "OpenSLO has no place for agreements: left out" in told.stderr
    assert objectives(with_levels) == before
    assert (
        "# what we are held to" in (with_levels / "systems/scorer/service_levels.yaml").read_text()
    )


def test_a_file_of_others_is_shown_and_not_saved_unless_asked(with_levels, tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(FOREIGN)
    before = objectives(with_levels)

    told = openslo(with_levels, "--from", file, "--json")

    answer = json.loads(told.stdout)
    assert [objective["id"] for objective in answer["objectives"]] == ["shop-up"]
    assert answer["removes"] == ["answers"]
    assert answer["written"] is None
    assert "left out: shop.yaml:39: a metric source of type Prometheus" in told.stderr
    assert objectives(with_levels) == before


def test_a_broken_file_changes_nothing_and_tells_all_that_is_wrong(with_levels, tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(FOREIGN.replace("duration: 4w", "duration: 1h").replace("op: gte", "op: lte"))
    before = (with_levels / "systems/scorer/service_levels.yaml").read_bytes()

    with pytest.raises(WorkbookError) as refused:
        command(with_levels, "--from", file, "--save")

    assert refused.value.exit_code == 2
    assert [p.where for p in refused.value.problems] == ["shop.yaml:41", "shop.yaml:22"]
    assert (with_levels / "systems/scorer/service_levels.yaml").read_bytes() == before


def test_the_objectives_are_printed_where_no_file_is_named(with_levels):
    assert "budgetingMethod: Occurrences" in openslo(with_levels).stdout


def test_a_system_without_objectives_has_nothing_to_export(root):
    with pytest.raises(WorkbookError, match="declares no objective"):
        command(root)


def test_saving_needs_something_that_was_read(with_levels):
    assert "--save needs --from FILE" in openslo(with_levels, "--save", code=2).stderr
