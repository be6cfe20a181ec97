"""`ops-model watch --cost`: how ceilings stand, who is told over a real channel, who answers."""

import json
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.errors import UsageError
from tests.conftest import require
from tests.listening import a_channel
from tests.workflow.spending import NOON, a_workbook, each_slot, log_usage

HALF_AN_HOUR = timedelta(minutes=30)


def call(root, *words, **variables):
    asked = ["watch", *map(str, words), "--workbook", str(root)]
    return CliRunner().invoke(ops_model, asked, env=variables)


@pytest.fixture
def dear(tmp_path):
    """172 of 144 dollars by noon."""
    return log_usage(a_workbook(tmp_path), [*each_slot(1), (NOON - 2 * HALF_AN_HOUR, 100)])


@pytest.fixture
def channel():
    try:
        import apprise  # noqa: F401 - whether it is there
    except ImportError:
        require(False, "the extra `alerts`")
    with a_channel() as found:
        yield found


def test_a_crossed_ceiling_is_shown_with_who_may_raise_it(dear):
    shown = call(dear, "answers", "--cost")

    assert shown.exit_code == 0
    assert shown.output.splitlines() == [
        "answers, Sat 2026-03-21 12:00 UTC; newest row 10 min old",
        "CROSSED   daily: 172.00 USD of 144.00 USD per day",
        "          what is spent is above the ceiling",
        "          crossed by 11:10 UTC",
        "          at the ceiling: throttle; owner ana",
        "          raises it now: ana (by at most 50.00 USD)",
    ]


def test_the_gate_fails_on_what_is_crossed_and_on_what_is_not_known(dear, tmp_path):
    calm = log_usage(a_workbook(tmp_path / "calm"), each_slot(0))
    blind = log_usage(a_workbook(tmp_path / "blind"), each_slot(0, until=NOON - 8 * HALF_AN_HOUR))

    codes = [call(root, "--all", "--cost", "--gate").exit_code for root in (dear, calm, blind)]

    assert codes == [1, 0, 1]


def test_for_programs_it_is_one_object_that_can_be_read_again(dear):
    shown = json.loads(call(dear, "answers", "--cost", "--json").output)

    assert shown["as_of"] == "2026-03-21T12:00:00Z"
    state = shown["systems"][0]["ceilings"][0]
    assert (state["ceiling"], state["state"], state["spent"]["value"]) == ("daily", "crossed", 172)
    assert shown["unwatched"] == []


def test_a_ceiling_is_told_over_a_real_channel_once(dear, channel):
    addresses = {"TEST_PAGE": channel.address, "TEST_MAIL": channel.address}

    first = call(dear, "answers", "--tell", **addresses)
    again = call(dear, "answers", "--tell", **addresses)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "daily crossed of 2026-03-21: told over page: answers primary" in first.output
    assert again.output.endswith("nothing new to tell\n")
    assert [message["title"] for message in channel.got] == ["answers: ceiling daily crossed"] * 2


def test_what_could_not_be_told_fails_and_repeats_no_address(dear, channel):
    channel.status = 503

    shown = call(dear, "answers", "--tell", TEST_PAGE=channel.address, TEST_MAIL="junk-secret")

    assert shown.exit_code == 1
    assert "page: answers primary: the channel did not take it" in shown.output
    assert "mail: ana: its address is none that apprise knows" in shown.output
    assert "secret" not in shown.output + shown.stderr


def test_a_trial_alert_is_answered_by_the_code_in_it(dear, channel):
    sent = call(
        dear, "answers", "--test-routes", TEST_PAGE=channel.address, TEST_MAIL=channel.address
    )
    code = re.search(r"--ack (\S+)", channel.bodies[0])[1]
    answered = call(dear, "answers", "--ack", code.lower(), "--as", "ana")

    assert sent.exit_code == answered.exit_code == 0
    assert re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", code)
    assert re.match(r"ana has the trial alert over page: .* after \d+ s", answered.output)


def test_an_alert_is_answered_with_what_was_done(dear, channel):
    call(dear, "answers", "--tell", TEST_PAGE=channel.address, TEST_MAIL=channel.address)
    code = re.search(r"--ack (\S+)", channel.bodies[0])[1]

    shown = call(dear, "--ack", code, "--as", "ana", "--did", "throttle")

    assert shown.output == "ana has the alert about daily of 2026-03-21, and did: throttle\n"


def test_a_day_above_a_ceiling_is_accepted_by_name_when_it_is_over(dear):
    log_usage(dear, [*each_slot(1), (NOON - 48 * HALF_AN_HOUR, 100),
                     (NOON - HALF_AN_HOUR, 100)])  # fmt: skip

    shown = call(dear, "answers", "--accept", "daily@2026-03-20", "--as", "ana", "--json")
    early = call(dear, "answers", "--accept", "daily@2026-03-21", "--as", "ana")

    assert json.loads(shown.stdout)["accepted"] is True
    assert "ana accepts 2026-03-20 above ceiling daily" in shown.stderr
    assert "2026-03-21 is not over" in str(early.exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "expected a system, or --all"),
        (["--cost"], "expected a system, or --all"),
        (["answers", "--cost", "--test-routes"], "expected one of --test-routes, --ack"),
        (["answers", "--tell", "--ack", "X"], "expected one of --test-routes, --ack"),
        (["answers", "--cost", "--did", "stop"], "--did says what was done"),
        (["answers", "--ack", "X", "--at", "2026-03-21T11:00:00Z", "--as", "ana"],
         "--at says when something was done"),
        (["answers", "--ack", "X"], "an answer is somebody's"),
        (["--ack", "X", "--as", "ana"], "no alert had this code"),
        (["--all", "--accept", "daily@2026-03-20", "--as", "ana"],
         "a day is accepted of one system"),
        (["answers", "--accept", "daily", "--as", "ana"], "expected a ceiling and a day"),
        (["nobody", "--cost"], "there is no system 'nobody'"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_in_words(dear, words, says):
    shown = call(dear, *words)

    assert isinstance(shown.exception, UsageError)
    assert says in str(shown.exception)


def test_an_address_in_the_workbook_is_refused_without_being_repeated(tmp_path):
    routes = "alert_routes: [{channel: page, address_in: 'json://u:secret@host'}]\n"

    shown = call(a_workbook(tmp_path, routes=routes), "answers", "--cost")

    assert "expected the name of an environment variable" in str(shown.exception)
    assert "secret" not in str(shown.exception)


def test_two_addresses_for_one_channel_are_refused(tmp_path):
    one = "{channel: page, address_in: A}"

    shown = call(
        a_workbook(tmp_path, routes=f"alert_routes: [{one}, {one}]\n"), "answers", "--cost"
    )

    assert "alert_routes hold page more than once" in str(shown.exception)
