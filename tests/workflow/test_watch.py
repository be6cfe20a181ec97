"""Who is told of a ceiling, how often, and how somebody answers."""

from datetime import date, timedelta

import pytest

from ops_model.check.grades import TOOL
from ops_model.domain.routes import Part, parts_of
from ops_model.domain.spend import CeilingAlert, CeilingAnswer, RouteTest
from ops_model.errors import UsageError
from ops_model.store.workbook import read_workbook
from ops_model.workflow.alert_channels import Post
from ops_model.workflow.measure_breaches import breaches_of
from ops_model.workflow.measure_ceilings import ceiling_watch_of
from ops_model.workflow.open import Book
from ops_model.workflow.watch import watch, watch_each
from ops_model.workflow.watch_answers import Now, accept, acknowledge, try_routes
from tests.builders import a_statement
from tests.workflow.spending import (
    CEILING,
    NOON,
    START,
    TODAY,
    a_workbook,
    book,
    each_slot,
    log_usage,
)
from tests.workflow.telling import DEAR, MINUTE, WHERE, Box, on_record, told


def test_a_ceiling_that_is_crossed_is_told_over_each_channel_with_what_to_know(tmp_path):
    root, box = log_usage(a_workbook(tmp_path), DEAR), Box()

    told(root, box)

    assert box.addresses == ["pager://", "mail://"]
    title, body = box.sent[0][1].title, box.sent[0][1].body
    assert title == "answers: ceiling daily crossed"
    assert "172.00 USD spent, of 144.00 USD per day" in body
    assert "At the ceiling: throttle. Owner ana; it may be raised now by ana (by at most" in body
    assert "--ack CODE-0 --as YOU" in body


def test_what_was_told_is_not_told_again(tmp_path):
    root, box = log_usage(a_workbook(tmp_path), DEAR), Box()

    told(root, box)
    again = told(root, box)

    assert (len(box.sent), again) == (2, ())
    assert [a.state for a in on_record(root, CeilingAlert)] == ["crossed"]


def test_a_quiet_ceiling_tells_nobody(tmp_path):
    root, box = log_usage(a_workbook(tmp_path), each_slot(0)), Box()

    assert (told(root, box), box.sent) == ((), [])


def test_a_warning_wakes_nobody_where_there_is_another_channel(tmp_path):
    # 72 of 144 by noon: half of it, as every day.
    root, box = log_usage(a_workbook(tmp_path), each_slot(1)), Box()

    told(root, box)

    assert box.addresses == ["mail://"]


def test_a_warning_over_the_one_channel_there_is_goes_there(tmp_path):
    only = CEILING.replace("page: answers primary; mail: ana", "page: answers primary")
    root, box = log_usage(a_workbook(tmp_path, ceilings=only), each_slot(1)), Box()

    told(root, box)

    assert box.addresses == ["pager://"]


def test_each_share_of_a_ceiling_is_told_once_and_what_is_graver_after_it(tmp_path):
    root, box = a_workbook(tmp_path, pinned=False), Box()
    rows = each_slot(1, until=TODAY + timedelta(days=1))
    log_usage(root, rows)
    hours = (12, 13, 20, 21)

    for hour in hours:
        told(root, box, as_of=TODAY + timedelta(hours=hour))
    log_usage(root, [*rows, (TODAY + timedelta(hours=21, minutes=30), 50)])
    told(root, box, as_of=TODAY + timedelta(hours=22))

    alerts = on_record(root, CeilingAlert, as_of=TODAY + timedelta(hours=22))
    assert [(a.state, a.share) for a in alerts] == [
        ("warned", 0.5), ("warned", 0.8), ("crossed", 0.8)
    ]  # fmt: skip


def test_nothing_less_grave_is_told_after_what_was_told(tmp_path):
    # A burst at eleven pages; an hour later it is over, and half of the ceiling is spent.
    root, box = a_workbook(tmp_path, pinned=False), Box()
    quiet = each_slot(0)
    log_usage(root, [*quiet, (NOON - 20 * MINUTE, 40), (NOON - 10 * MINUTE, 40)])

    told(root, box)
    log_usage(root, [*each_slot(0, until=NOON + 600 * MINUTE),
                     (NOON - 20 * MINUTE, 40), (NOON - 10 * MINUTE, 40)])  # fmt: skip
    after = NOON + 600 * MINUTE
    states = [c.state for c in watch(root, read_workbook(root), "answers", as_of=after).ceilings]
    told(root, box, as_of=after)

    assert states == ["warned"]
    assert [a.state for a in on_record(root, CeilingAlert, as_of=after)] == ["page"]


def test_the_next_day_is_told_anew(tmp_path):
    root, box = a_workbook(tmp_path, pinned=False), Box()
    log_usage(root, each_slot(1, until=NOON + timedelta(days=1)))

    told(root, box)
    told(root, box, as_of=NOON + timedelta(days=1))

    assert box.addresses == ["mail://"] * 2


def test_data_that_are_too_old_are_told_once_a_day(tmp_path):
    root, box = log_usage(a_workbook(tmp_path), each_slot(1, until=NOON - 300 * MINUTE)), Box()

    told(root, box)
    told(root, box)

    assert [m.title for _, m in box.sent] == ["answers: ceiling daily how it stands is not known"]


def test_what_did_not_get_there_is_said_tried_again_and_noted_once(tmp_path):
    root, box = log_usage(a_workbook(tmp_path), DEAR), Box("pager://")

    for _ in range(3):
        found = told(root, box)
    assert found[0].why_not == "page: answers primary: the channel did not take it"
    box.broken.clear()
    assert told(root, box)[0].why_not == ""

    alerts = on_record(root, CeilingAlert)
    assert [(a.delivered, a.took) for a in alerts] == [
        (False, ("mail: ana",)), (True, ("page: answers primary",))
    ]  # fmt: skip
    assert box.addresses == ["mail://", "pager://"]


def test_who_got_an_alert_that_not_everybody_got_may_answer_it(tmp_path):
    root = log_usage(a_workbook(tmp_path), DEAR)
    told(root, Box("pager://"))

    assert acknowledge(now(root), "answers", "CODE-0", "ana").person == "ana"


def test_a_route_without_an_address_says_which_variable_is_empty(tmp_path):
    root = log_usage(a_workbook(tmp_path), DEAR)

    missing = told(root, Box(), variables={"TEST_MAIL": "mail://"})[0].why_not
    unnamed = told(log_usage(a_workbook(tmp_path / "b", routes=""), DEAR), Box())[0].why_not

    assert missing == "page: answers primary: the environment variable TEST_PAGE is not set"
    assert "ops-model.yaml names no address for it (alert_routes)" in unnamed


def test_a_ceiling_without_a_route_says_that_it_tells_nobody(tmp_path):
    silent = CEILING.replace('alert_route: "page: answers primary; mail: ana"', "per: day")
    root = log_usage(a_workbook(tmp_path, ceilings=silent), DEAR)

    assert told(root, Box())[0].why_not == "cost.yaml gives it no alert_route"


def test_somebody_may_have_a_route_of_their_own(tmp_path):
    own = "- {channel: mail, to: ana, address_in: TEST_ANA}\n"
    routes = f"alert_routes:\n- {{channel: mail, address_in: TEST_MAIL}}\n{own}"
    post = Post(
        read_workbook(a_workbook(tmp_path, routes=routes)).settings.alert_routes,
        {"TEST_MAIL": "all://", "TEST_ANA": "ana://"}, box := Box(),
    )  # fmt: skip

    assert post.over("mail: ana, ben", object()) == ""

    assert box.addresses == ["ana://", "all://"]


@pytest.mark.parametrize(
    ("route", "parts"),
    [
        ("page: x primary; mail: ana", [("page", "x primary"), ("mail", "ana")]),
        ("mail: ana, ben", [("mail", "ana"), ("mail", "ben")]),
        ("on-call", [("on-call", None)]),
        ("mail: ana; mail: ana; ", [("mail", "ana")]),
    ],
)
def test_a_route_is_read_as_it_is_written(route, parts):
    assert parts_of(route) == tuple(Part(*part) for part in parts)


def now(root, *, as_of=NOON, after=timedelta(0)):
    return Now(root, read_workbook(root), as_of, as_of + after)


def tried(root, box=None, *, code="ABCD-EFGH-JKLM", **asked):
    post = Post(read_workbook(root).settings.alert_routes, WHERE, box or Box())
    return try_routes(now(root, **asked), "answers", post, new_code=lambda: code)


def test_a_trial_alert_that_is_answered_says_by_whom_and_after_how_long(tmp_path):
    root = log_usage(a_workbook(tmp_path), each_slot(1))

    sent = tried(root)
    answer = acknowledge(now(root, after=95 * MINUTE / 60), "answers", "abcd efgh jklm", "ana")

    assert [(t.delivered, t.acknowledged_by) for t in sent] == [(True, None)]
    assert (answer.acknowledged_by, answer.seconds.value) == ("ana", 95.0)
    assert [r.acknowledged_by for r in on_record(root, RouteTest)] == [None, "ana"]


def test_a_trial_that_does_not_get_there_is_noted_as_such(tmp_path):
    root = log_usage(a_workbook(tmp_path), each_slot(1))

    sent = tried(root, Box("mail://"))

    assert [(t.delivered, t.code) for t in sent] == [(False, None)]
    assert sent[0].why_not == "mail: ana: the channel did not take it"


def test_a_code_that_no_alert_had_answers_nothing(tmp_path):
    root = log_usage(a_workbook(tmp_path), each_slot(1))
    tried(root)

    with pytest.raises(UsageError, match="no alert about answers had this code"):
        acknowledge(now(root), "answers", "ABCD-EFGH-JKLN", "ana")


def test_an_alert_is_answered_once(tmp_path):
    root = log_usage(a_workbook(tmp_path), each_slot(1))
    tried(root)
    acknowledge(now(root), "answers", "ABCD-EFGH-JKLM", "ana")

    with pytest.raises(UsageError, match="ana has answered this alert already"):
        acknowledge(now(root), "answers", "ABCD-EFGH-JKLM", "ben")


def test_who_does_not_work_here_cannot_answer(tmp_path):
    root = log_usage(a_workbook(tmp_path), each_slot(1))
    tried(root)

    with pytest.raises(UsageError, match="gone works here from"):
        acknowledge(now(root), "answers", "ABCD-EFGH-JKLM", "gone")


def test_the_ledger_never_holds_a_code(tmp_path):
    root = log_usage(a_workbook(tmp_path), each_slot(1))
    tried(root)

    assert b"ABCD-EFGH-JKLM" not in (root / "ledger.db").read_bytes()
    assert b"ABCDEFGHJKLM" not in (root / "ledger.db").read_bytes()


def test_who_was_told_and_what_was_done_is_in_the_log_of_days_above(tmp_path):
    root = a_workbook(tmp_path, pinned=False)
    log_usage(root, [*each_slot(1, until=NOON + 30 * MINUTE), (NOON - 60 * MINUTE, 100)])
    at = NOON - 55 * MINUTE  # within the slot that crossed it
    told(root, Box(), as_of=at)
    acknowledge(
        now(root, as_of=at + 12 * MINUTE), "answers", "CODE-0", "ana", did="throttle",
        at=at + 10 * MINUTE,
    )  # fmt: skip

    breach = breaches_of(book(root)).breaches[0]

    assert (breach.crossed_at, breach.told_at) == (at, at)
    assert (breach.action, breach.action_at) == ("throttle", at + 10 * MINUTE)


def test_what_was_done_lies_between_the_alert_and_now(tmp_path):
    root = log_usage(a_workbook(tmp_path), DEAR)
    told(root, Box())

    with pytest.raises(UsageError, match="when the alert was sent"):
        acknowledge(now(root), "answers", "CODE-0", "ana", did="stop", at=NOON - MINUTE)


def test_a_day_above_a_ceiling_may_be_accepted_and_no_other(tmp_path):
    above = START + timedelta(days=5, hours=20)
    root = log_usage(a_workbook(tmp_path), [*each_slot(1), (above, 100)])

    accept(now(root), "answers", "daily", above.date(), "ana")

    assert breaches_of(book(root)).breaches[0].accepted_by == "ana"
    with pytest.raises(UsageError, match="was not above ceiling 'daily'"):
        accept(now(root), "answers", "daily", date(2026, 3, 7), "ana")


def test_what_a_notebook_prints_of_an_answer_is_nobodys(tmp_path):
    before = NOON - timedelta(days=1)
    root = log_usage(a_workbook(tmp_path), [*each_slot(1), (before, 100)])
    opened = book(root)
    answer = CeilingAnswer(
        system="answers", as_of=NOON, ceiling="daily", about=before.date().isoformat(),
        person="ana", at=NOON, accepted=True,
    )  # fmt: skip

    def accepted(**origin):
        said = (a_statement(answer, 1, **origin),)
        told = opened.snapshot.model_copy(update={"statements": said})
        return breaches_of(Book(root, told)).breaches[0].accepted_by

    assert accepted(origin=None, actor=TOOL) == "ana"
    assert accepted() is None


def test_nothing_can_be_told_of_an_instant_that_is_still_to_come(tmp_path):
    root = log_usage(a_workbook(tmp_path, pinned=False), DEAR)

    with pytest.raises(UsageError, match="still to come"):
        told(root, Box(), at=NOON - MINUTE)
    with pytest.raises(UsageError, match="cannot be dated back"):
        told(root, Box(), at=NOON + timedelta(days=2))


def test_a_system_without_ceilings_is_named_and_a_broken_one_hides_no_other(tmp_path):
    root = log_usage(a_workbook(tmp_path), each_slot(1))
    for name, cost in (("empty", "currency: USD\n"), ("torn", None)):
        folder = root / "systems" / name
        folder.mkdir()
        system = (root / "systems/answers/system.yaml").read_text()
        (folder / "system.yaml").write_text(system)
        text = (root / "systems/answers/cost.yaml").read_text().replace("data/usage", "data/none")
        (folder / "cost.yaml").write_text(cost or text)

    seen = watch_each(root, read_workbook(root), ["answers", "empty", "torn"], as_of=NOON)

    assert [found.system for found in seen.seen] == ["answers"]
    assert seen.unwatched == {"empty": "its cost.yaml declares no ceilings and no logs"}
    assert list(seen.failed) == ["torn"]
    assert seen.grave


def test_a_watch_records_nothing(tmp_path):
    root = log_usage(a_workbook(tmp_path), DEAR)

    ceiling_watch_of(book(root))

    assert not (root / "ledger.db").exists()
