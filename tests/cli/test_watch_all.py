"""`ops-model watch`: all that somebody must know of, over real channels, and the switch."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from tests.conftest import require
from tests.listening import a_channel
from tests.workflow.spending import NOON, ROUTES, a_workbook

OWNED = "accountable: ana\ndeputy: ben\n"
PINNED = f"as_of: {NOON:%Y-%m-%dT%H:%M:%SZ}\n"
SCHEDULES = """schedules:
- {notebook: 07_weekly_ops_report, cron: "0 6 * * *", since: 2026-03-18T00:00:00Z, grace_hours: 4}
- {notebook: 13_portfolio, cron: "0 6 * * *", since: 2026-03-20T00:00:00Z, grace_hours: 4,
   alert_route: "mail: ben"}
"""
PING = "watch: {ping_in: TEST_PING}\n"


def call(root, *words, **variables):
    asked = ["watch", *map(str, words), "--workbook", str(root)]
    return CliRunner().invoke(ops_model, asked, env=variables)


@pytest.fixture
def calm(tmp_path):
    root = a_workbook(tmp_path, ceilings=" []\n")
    (root / "systems/answers/ownership.yaml").write_text(OWNED)
    return settings(root, PING)


@pytest.fixture
def late(calm):
    return settings(calm, PING + SCHEDULES)


@pytest.fixture
def channel():
    try:
        import apprise  # noqa: F401 - whether it is there
    except ImportError:
        require(False, "the extra `alerts`")
    with a_channel() as found:
        yield found


def settings(root, more):
    (root / "ops-model.yaml").write_text(f"name: Test\nzone: UTC\n{PINNED}{ROUTES}{more}")
    return root


def variables(channel):
    return {
        "TEST_PAGE": channel.address, "TEST_MAIL": channel.address, "TEST_PING": channel.web
    }  # fmt: skip


def test_a_system_of_which_nobody_must_know_anything_takes_one_line(calm):
    shown = call(calm, "--all")

    assert shown.exit_code == 0
    assert shown.output.splitlines() == [
        "Sat 2026-03-21 12:00 UTC",
        "nothing that anybody must know of: answers, portfolio",
    ]


def test_each_concern_stands_with_its_check_and_what_to_do(late):
    shown = call(late, "--all", "--gate")

    assert shown.exit_code == 1
    lines = shown.output.splitlines()
    assert lines[1] == "answers: 1 ticket"
    assert lines[2].startswith(
        "TICKET    overdue 07_weekly_ops_report (EVD-04): 4 reports of 07_weekly_ops_report did"
    )
    assert lines[3] == (
        "          to do: look at what calls `ops-model run --due`, and call it by hand"
    )
    assert "portfolio: 1 ticket" in lines


def test_for_programs_each_concern_is_an_object(late, channel):
    shown = json.loads(call(late, "--all", "--tell", "--json", **variables(channel)).stdout)

    assert [(c["system"], c["kind"], c["severity"], c["check"]) for c in shown["concerns"]] == [
        ("answers", "overdue", "ticket", "EVD-04"), ("portfolio", "overdue", "ticket", None)
    ]  # fmt: skip
    assert [(a["route"], a["delivered"]) for a in shown["alerts"]] == [
        ("mail: ana", True), ("mail: ben", True)
    ]  # fmt: skip
    assert "code" not in shown["alerts"][0]


def test_whoever_got_an_alert_answers_without_naming_its_system(late, channel):
    told = call(late, "--all", "--tell", **variables(channel))
    code = re.search(r"--ack (\S+)", channel.bodies[1])[1]
    again = call(late, "--all", "--tell", **variables(channel))

    answered = call(late, "--ack", code, "--as", "ben")

    told_whom = "told over mail: ben for ben, whom the route names"
    assert f"portfolio: overdue 13_portfolio: {told_whom}" in told.output
    assert again.output.endswith("nothing new to tell\n")
    assert re.fullmatch(r"ben has the alert about overdue 13_portfolio after \d+ s\n",
                        answered.output)  # fmt: skip


def test_after_a_whole_round_somebody_outside_is_told_that_it_was(late, channel):
    shown = call(late, "--all", "--tell", **variables(channel))

    assert (shown.exit_code, channel.asked) == (0, ["/secret-ping"])


@pytest.mark.parametrize("words", [["answers", "--tell", "--cost"], ["--all"]])
def test_a_look_that_tells_nobody_everything_is_no_sign_of_life(calm, channel, words):
    call(calm, *words, **variables(channel))

    assert channel.asked == []


def test_where_somebody_could_not_be_told_nobody_outside_is_reassured(late, channel):
    channel.status = 503

    shown = call(late, "--all", "--tell", **variables(channel))

    assert (shown.exit_code, channel.asked) == (1, [])
    assert "NOT told: mail: ana: the channel did not take it" in shown.output


def test_a_switch_outside_that_cannot_be_reached_is_said_and_fails(calm, channel):
    channel.status = 500

    shown = call(calm, "--all", "--tell", **variables(channel))
    unset = call(calm, "--all", "--tell", TEST_PAGE="x", TEST_MAIL="x", TEST_PING="")

    assert (shown.exit_code, unset.exit_code) == (1, 1)
    assert shown.stderr == "nobody outside was told that this watch ran: it answered 500\n"
    assert "the environment variable TEST_PING is not set" in unset.stderr


def test_every_route_that_anything_names_is_tried(late, channel):
    text = (late / "ops-model.yaml").read_text()
    route = 'grace_hours: 4, alert_route: "mail: ben"}\n- {notebook: 13'
    (late / "ops-model.yaml").write_text(text.replace("grace_hours: 4}\n- {notebook: 13", route))

    shown = call(late, "--all", "--test-routes", **variables(channel))

    assert shown.exit_code == 0
    assert "answers: mail: ben: sent" in shown.output


@pytest.fixture
def broken(calm):
    """Beside the calm system, one whose ceilings are no ceilings, and who answers for it."""
    folder = calm / "systems/second"
    shutil.copytree(calm / "systems/answers", folder)
    (folder / "cost.yaml").write_text("ceilings: 7\n")
    return calm


def test_a_system_that_cannot_be_read_is_a_concern_and_hides_no_other(broken):
    settings(broken, PING + SCHEDULES)

    shown = call(broken, "--all")
    alone = call(broken, "answers")

    assert shown.exit_code == 2
    assert "answers: 1 ticket" in shown.output
    assert (
        "TICKET    unread claims: its files cannot be read, so nothing of it is watched or run: "
        "systems/second/cost.yaml:1"
    ) in shown.output
    assert "second: systems/second/cost.yaml:1: currency is missing" in shown.stderr
    assert alone.exit_code == 0
    assert "second" not in alone.output


def test_of_a_system_that_cannot_be_read_its_owner_is_told_once_and_nobody_outside(
    broken, channel
):
    told = call(broken, "--all", "--tell", "--json", **variables(channel))
    again = call(broken, "--all", "--tell", "--json", **variables(channel))

    (alert,) = json.loads(told.stdout)["alerts"]
    assert (told.exit_code, alert["system"], alert["people"]) == (2, "second", ["ana"])
    assert alert["delivered"]
    assert json.loads(again.stdout)["alerts"] == []
    assert channel.asked == []


def test_the_ceilings_of_the_others_are_watched_too_while_a_system_cannot_be_read(broken):
    shown = call(broken, "--all", "--cost")
    named = call(broken, "second", "--cost")

    assert shown.exit_code == 2
    assert "answers" in shown.output
    assert "systems/second/cost.yaml:1: currency is missing" in shown.stderr
    assert "systems/second/cost.yaml:1: currency is missing" in str(named.exception)


def test_checks_that_do_not_load_are_a_concern_and_hide_nothing_that_needs_none(late):
    (late / "checks").mkdir()
    (late / "checks/cost.py").write_text("import no_such_thing\n")

    shown = call(late, "--all")

    assert shown.exit_code == 2
    assert "overdue 07_weekly_ops_report" in shown.output
    assert "TICKET    unread checks: the checks cannot be loaded" in shown.output
    assert "checks/cost.py" in shown.stderr


def test_what_lies_among_the_systems_and_is_none_is_told_of_all_together(calm):
    (calm / "systems/stray.yaml").write_text("a: 1\n")

    shown = call(calm, "--all")

    assert shown.exit_code == 2
    assert "nothing that anybody must know of: answers" in shown.output
    assert "portfolio: 1 ticket" in shown.output
    assert "portfolio: systems/stray.yaml: is a file" in shown.stderr


def test_the_broken_system_alone_is_a_concern_when_it_is_the_one_that_was_named(broken):
    shown = call(broken, "second")

    assert shown.exit_code == 2
    assert "TICKET    unread claims" in shown.output
    assert "answers" not in shown.output
