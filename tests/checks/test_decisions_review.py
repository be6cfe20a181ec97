import pytest

from ops_model.domain.sign_off import PackSeat
from tests.builders import AREAS, all_records
from tests.checks.judged import judged, lacking
from tests.shown_model import FUNCTIONS, a_pack, a_sign_off

REVIEW = AREAS["decisions"]["review"]
SEATS = REVIEW["seats"]


def review(**changes):
    return {"review": {**REVIEW, **changes}}


def test_rev_03_passes_with_the_sentence_itself():
    assert AREAS["decisions"]["business_statement"] in judged("REV-03").message


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("We go live now.", "it has 4 words; expected at least 8"),
        (
            "We deploy this for the gates on a best effort basis, TBD.",
            "it says 'best effort', 'TBD'",
        ),
    ],
)
def test_rev_03_fails_for_words_that_decide_nothing(statement, said):
    finding = judged("REV-03", decisions={"business_statement": statement})

    assert finding.status == "failed"
    assert said in finding.message


def test_rev_03_is_unknown_when_nobody_said_why():
    assert judged("REV-03", decisions={"business_statement": None}).reason == "missing"


def test_rev_04_passes_when_every_seat_asked_and_was_answered():
    assert judged("REV-04").message == "3 seats asked, and 3 questions were answered"


def test_rev_04_fails_for_a_seat_that_asked_nothing_and_one_without_an_answer():
    silent = {**SEATS[0], "questions": []}
    waiting = {**SEATS[1], "questions": [{"question": "how do we go back?"}]}

    finding = judged("REV-04", decisions=review(seats=[silent, waiting, SEATS[2]]))

    assert finding.message == (
        "fay-product (product) asked nothing; bo-li (reliability) has no answer yet; expected a "
        "question with its answer from every seat"
    )
    assert len(finding.looked_at) == 2


def asked(*questions):
    return review(seats=[SEATS[0], SEATS[1], {**SEATS[2], "questions": list(questions)}])


(QUESTION,) = SEATS[2]["questions"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"answer": None}, "has no answer yet"),
        ({"answer": "Yes."}, "has an answer that says too little: it has 1 word; expected at"),
        ({"answered_by": None}, "has an answer of nobody who is named"),
        ({"answered_by": "zoe-gone"}, "has an answer of nobody who is named"),
        ({"answered_by": "di-legal"}, "answered the question of their own seat"),
    ],
)
def test_rev_04_fails_for_a_seat_of_which_one_question_is_not_answered_by_another(more, said):
    finding = judged("REV-04", decisions=asked(QUESTION, {**QUESTION, **more}))

    assert finding.status == "failed"
    assert f"di-legal (compliance) {said}" in finding.message


def test_rev_04_passes_when_each_of_several_questions_is_answered():
    finding = judged("REV-04", decisions=asked(QUESTION, {**QUESTION, "answered_by": "bo-li"}))

    assert finding.message == "3 seats asked, and 4 questions were answered"


def test_rev_04_is_unknown_while_nobody_is_seated():
    assert judged("REV-04", decisions={"review": {}}).reason == "missing"


CONDITION = {"id": "watch-storms", "text": "add storms", "owner": "bo-li", "due": "2013-07-31"}


def test_rev_06_passes_with_three_seats_and_a_condition_that_is_due_later():
    opened = review(opened_at="2013-07-01T08:00:00Z", conditions=[CONDITION])

    assert judged("REV-06", decisions=opened).message.startswith("3 seats; open conditions: 1")


@pytest.mark.parametrize(
    ("change", "opened", "said"),
    [
        ({"owner": "zoe-gone"}, "2013-07-01", "zoe-gone is nobody in people.yaml"),
        ({"due": "2013-07-21"}, "2013-07-01", "was due on 2013-07-21 and still stands"),
        ({"due": "2013-08-01"}, "2013-07-01", "due 31 days after the review was opened"),
        ({"due": "2013-08-22"}, "2013-07-23", "due in 31 days; expected within 30"),
    ],
)
def test_rev_06_fails_for_a_condition_that_nobody_keeps_in_time(change, opened, said):
    conditions = [{**CONDITION, **change}]
    decisions = review(opened_at=f"{opened}T08:00:00Z", conditions=conditions)

    finding = judged("REV-06", decisions=decisions)

    assert finding.status == "failed"
    assert f"condition watch-storms: {said}" in finding.message


def test_rev_06_fails_for_a_review_that_is_opened_in_the_future():
    finding = judged("REV-06", decisions=review(opened_at="2013-07-23T08:00:00Z"))

    assert finding.message == "opened_at 2013-07-23T08:00:00Z is still to come"


def test_rev_06_fails_for_a_committee():
    people = ("ana-ruiz", "ed-fin", "flo-risk")
    more = [{"seat": "reliability", "person": person} for person in people]

    finding = judged("REV-06", decisions=review(seats=[*SEATS, *more]))

    assert finding.message == "6 seats; expected at most 5"


def test_rev_06_is_unknown_when_conditions_run_from_no_day():
    finding = judged("REV-06", decisions=review(opened_at=None, conditions=[CONDITION]))

    assert "opened_at" in finding.remedy


def decided_by(*decisions):
    """All records, and the decisions of these people on a pack that seats them."""

    def records(system):
        pack = a_pack(system)
        held = tuple(
            PackSeat(seat=seat, person=person, function=FUNCTIONS[seat])
            for seat, person in decisions
        )
        pack = pack.model_copy(update={"seats": held, "builders": ()})
        words = [a_sign_off(system, seat, pack=pack, person=person) for seat, person in decisions]
        return (*all_records(system), pack, *words)

    return records


def test_rev_01_says_how_many_seats_decided():
    three = judged("REV-01").message
    none = judged("REV-01", records=lacking("sign_off")).message

    assert three.endswith("and 3 of them decided on v2")
    assert none.endswith("and 0 of them decided on v2")


def test_rev_01_fails_where_one_person_decided_on_two_seats():
    finding = judged(
        "REV-01", records=decided_by(("product", "fay-product"), ("compliance", "fay-product"))
    )

    assert finding.status == "failed"
    assert "fay-product decided on the seats of compliance and product" in finding.message
    assert "`ops-model sign flight-delay --revoke DIGEST`" in finding.remedy


def test_rev_02_fails_where_a_builder_decided_though_somebody_else_sits_there_now():
    finding = judged("REV-02", records=decided_by(("product", "cy-data")))

    assert finding.status == "failed"
    assert "cy-data decided on v2 and built it" in finding.message
    assert "--revoke DIGEST" in finding.remedy
