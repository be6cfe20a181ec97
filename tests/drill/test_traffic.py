"""Answers in a row, and traffic that is counted whatever the target does."""

import time

from ops_model.drill.targets import TargetError
from ops_model.drill.traffic import Answer, Row, Traffic


def an_answer(done, version, *, status=200):
    return Answer("a", done - 0.1, done, status, {"request_id": "a", "version": version})


def by_v1(answer):
    return answer.acknowledged and answer.field("version") == "v1"


def test_a_row_is_complete_at_its_last_answer():
    answers = [an_answer(1, "v2"), an_answer(2, "v1"), an_answer(3, "v1")]

    row = Row(answers, since=0, needed=2, good=by_v1)

    assert row.complete()
    assert row.complete_at == 3


def test_an_answer_of_another_version_starts_the_row_anew():
    answers = [an_answer(1, "v1"), an_answer(2, "v2"), an_answer(3, "v1")]

    row = Row(answers, since=0, needed=2, good=by_v1)

    assert not row.complete()
    assert row.last_bad is answers[1]
    answers.append(an_answer(4, "v1"))
    assert row.complete()
    assert row.complete_at == 4


def test_answers_from_before_the_decision_do_not_count():
    row = Row([an_answer(1, "v1"), an_answer(2, "v1")], since=1.5, needed=2, good=by_v1)

    assert not row.complete()


def test_an_answer_to_another_request_is_no_acknowledgement():
    assert not Answer("b", 0, 1, 200, {"request_id": "a"}).acknowledged
    assert not Answer("a", 0, 1, 500, {"request_id": "a"}).acknowledged
    assert not Answer("a", 0, 1, 200, ["a"]).acknowledged


def test_a_request_that_fails_is_counted_with_its_reason_and_the_traffic_goes_on():
    def post(body):
        if body["request_id"] == "t-1":
            raise TargetError("refused")
        return 200, body

    traffic = Traffic(post, {"x": 1}, per_second=200, prefix="t", stopwatch=time.monotonic)
    traffic.start()
    while len(traffic.answers) < 3:
        time.sleep(0.01)
    traffic.stop()

    failed = [a for a in traffic.answers if not a.acknowledged]
    assert [(a.request_id, a.error) for a in failed] == [("t-1", "refused")]
    assert len({a.request_id for a in traffic.answers}) == len(traffic.answers)
