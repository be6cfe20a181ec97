"""The example's client: what it promises its users, and when it asks its vendor again."""

from ops_model.example.assistant_client import LAST_ANSWER, NOTICE, Breaker, ask
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook

NOBODY = "http://127.0.0.1:9/v1"


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self):
        return self.now


def test_users_read_what_the_examples_plan_says_word_for_word():
    system = read_workbook(shipped("templates") / "workbook").system("support-assistant")
    path = next(p for p in system.fallback.paths if p.vendor is not None)

    assert path.user_notice.text == NOTICE
    assert path.vendor.client == f"{ask.__module__}:{ask.__name__}"
    assert path.vendor.model == system.identity.version.provider_model_id


def test_where_nobody_answers_there_is_still_an_answer_and_the_notice():
    said = ask("Where is my order?", primary=NOBODY, backup=NOBODY, model="m", breaker=a_breaker())

    assert said == {"answer": LAST_ANSWER, "model": "none", "notice": NOTICE}


def a_breaker():
    return Breaker(Clock(), failures=2, again_seconds=1)


def test_a_breaker_stays_open_until_the_second_failure_in_a_row():
    breaker = a_breaker()

    for well in (False, True, False):
        breaker.note(well=well)
        assert breaker.lets_through()
    breaker.note(well=False)

    assert not breaker.lets_through()


def test_a_shut_breaker_lets_one_request_try_again_after_its_time():
    clock = Clock()
    breaker = Breaker(clock, failures=1, again_seconds=1)
    breaker.note(well=False)

    clock.now += 0.9
    too_soon = breaker.lets_through()
    clock.now += 0.1
    tries = [breaker.lets_through() for _ in range(3)]

    assert not too_soon
    assert tries == [True, False, False]


def test_a_shut_breaker_opens_for_all_after_one_good_answer():
    breaker = a_breaker()
    for _ in range(2):
        breaker.note(well=False)

    breaker.note(well=True)

    assert [breaker.lets_through() for _ in range(3)] == [True] * 3
