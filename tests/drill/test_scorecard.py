"""The scorecard of one fault and of all: each number by hand from a few replies."""

import pytest

from ops_model.domain.fallback import FaultResult
from ops_model.domain.values import digest_of
from ops_model.drill.answers import FORGED, OWN_WORDS, STALE, weighed
from ops_model.drill.rehearsed_client import IN_TIME, NOTICE_ALONE, Reply
from ops_model.drill.scorecard import Observed, score, total
from ops_model.drill.vendor_marks import Mark, marked, reference_in, with_reference
from tests.drill.vendor_plans import MODEL, NOTICE, a_vendor_plan

NONCE = "0a1b2c3d"


def a_reply(who=None, *, model=None, notice="", error="", sent=0.0, took=0.1, nonce=NONCE,
            answer="Your order is on its way."):  # fmt: skip
    """One reply: by the vendor, by the backup, by nobody (a ready text), or none."""
    if who is not None:
        answer = marked(answer, Mark(who, nonce, model or MODEL))
    return Reply("r-1", NONCE, sent, sent + took, "" if error else answer, notice, "", error)


def vendor(**changes):
    return a_reply("primary", **changes)


def backup(**changes):
    return a_reply("backup", model="other-medium-2", **{"notice": NOTICE, **changes})


def lost(**changes):
    return a_reply(error=IN_TIME, **changes)


def seen(*during, fault="unavailable", returned_after=1.5, hits=None, after=(), injected=0.0):
    hits = {"primary": 3, "backup": 20} if hits is None else hits
    return Observed(fault, injected, during, after, returned_after, 10, hits)


def scored(*during, plan=None, after=(), **more):
    (path,) = (plan or a_vendor_plan()).paths
    during = weighed(during, path, path.vendor, fault=more.get("fault", "unavailable"))
    after = weighed(after, path, path.vendor)
    return score(seen(*during, after=after, **more), path, path.vendor)


def totalled(*observed, plan=None, others=0):
    (path,) = (plan or a_vendor_plan()).paths
    return total(observed, path, path.vendor, others=others)


def test_a_client_that_goes_over_and_says_so_has_no_problem():
    result = scored(backup(sent=0, took=0.2), backup(sent=1, took=0.1), backup(sent=2, took=0.3))

    assert result.problems == ()
    assert (result.served_share.value, result.degraded_share.value) == (1.0, 1.0)
    assert (result.notice_share.value, result.lost, result.silent_swaps) == (1.0, 0, 0)
    assert result.switch_seconds.value == 0.2
    assert result.return_seconds.value == 1.5
    assert (result.hits_primary, result.hits_backup) == (3, 20)
    assert result.models == {"other-medium-2": 3}


def test_percentiles_are_of_all_requests_by_nearest_rank():
    # 0.1 to 2.0 s: the median is the 10th of 20, the 95th percentile the 19th.
    during = [backup(took=n / 10) for n in range(1, 20)] + [lost(took=2.0)]

    result = scored(*during)

    assert (result.p50_seconds.value, result.p95_seconds.value) == (1.0, 1.9)
    assert (result.max_seconds.value, result.max_seconds.n) == (2.0, 20)


def test_a_request_with_neither_an_answer_nor_a_notice_is_lost_and_its_reason_counted():
    result = scored(backup(), lost(), a_reply(error="status 502"), a_reply(error="status 502"))

    assert (result.lost, result.served_share.value) == (3, 0.25)
    assert result.errors == {IN_TIME: 1, "status 502": 2}
    assert "3 of 4 requests got neither an answer nor a notice" in result.problems


def test_a_notice_without_an_answer_is_not_lost_and_counts_as_the_switch_over():
    plan = a_vendor_plan(path={"kind": "off_gracefully", "capacity_share": None})

    result = scored(a_reply(error=NOTICE_ALONE, notice=NOTICE, took=0.4), plan=plan)

    assert (result.lost, result.served_share.value, result.switch_seconds.value) == (0, 0.0, 0.4)
    assert result.problems == ()


def test_fewer_answers_than_the_path_states_are_a_problem_and_as_many_are_none():
    plan = a_vendor_plan(path={"capacity_share": "0.6"})
    untold = a_reply(error=NOTICE_ALONE, notice=NOTICE)

    enough = scored(*[backup()] * 3, *[untold] * 2, plan=plan)
    too_few = scored(*[backup()] * 2, *[untold] * 3, plan=plan)

    assert enough.problems == ()
    assert too_few.problems == ("0.400 of requests were served; the path states 0.6",)


def test_a_degraded_answer_without_a_notice_is_a_problem():
    result = scored(backup(), backup(notice=""))

    assert result.notice_share.value == 0.5
    assert result.problems == ("1 of 2 degraded answers had no notice",)


def test_where_no_notice_is_planned_none_is_asked_for():
    plan = a_vendor_plan(path={"user_notice": None})

    assert scored(backup(notice=""), plan=plan).problems == ()


def test_a_notice_in_other_words_or_too_late_is_a_problem():
    result = scored(backup(notice="All is well.", took=5.5))

    assert result.problems == (
        "users saw another notice than the plan's",
        "the notice came after 5.5 s; the plan says 5 s",
    )


@pytest.mark.parametrize("kind", ["second_provider", "smaller_model"])
def test_words_that_were_ready_are_a_notice_and_no_answer_of_somebody_else(kind):
    result = scored(
        backup(), a_reply(None, notice=NOTICE), plan=a_vendor_plan(path={"kind": kind})
    )

    assert (result.served_share.value, result.lost) == (0.5, 0)
    assert result.errors == {OWN_WORDS: 1}
    assert result.problems[0] == "0.500 of requests were served; the path states 1"
    assert "1 replies were words that were ready" in result.problems[1]


def test_words_that_were_ready_without_a_notice_are_lost():
    assert scored(backup(), a_reply(None)).lost == 1


@pytest.mark.parametrize("capacity", ["0.5", None])
@pytest.mark.parametrize("kind", ["second_provider", "smaller_model", "cache", "rules"])
def test_a_way_on_that_is_to_answer_does_not_pass_by_notices_alone(kind, capacity):
    plan = a_vendor_plan(path={"kind": kind, "capacity_share": capacity})

    result = scored(a_reply(error=NOTICE_ALONE, notice=NOTICE), plan=plan, hits={"primary": 1})

    unasked = ", which was not asked" if kind in {"second_provider", "smaller_model"} else ""
    assert result.problems == (f"nobody was answered by the {kind.replace('_', ' ')}{unasked}",)


@pytest.mark.parametrize("kind", ["human_queue", "off_gracefully"])
def test_where_nobody_answers_at_once_the_share_of_the_path_is_not_asked_for(kind):
    plan = a_vendor_plan(path={"kind": kind, "capacity_share": "0.1"})

    assert scored(a_reply(None, notice=NOTICE), plan=plan).problems == ()


@pytest.mark.parametrize("kind", ["cache", "rules"])
def test_an_answer_that_was_ready_is_known_by_the_words_of_the_plan(kind):
    def plan(**named):
        return a_vendor_plan(path={"kind": kind}, **named)

    def served(reply, **named):
        return scored(reply, plan=plan(**named)).served_share.value

    ready, error = a_reply(None, notice=NOTICE), a_reply(None, notice=NOTICE, answer="Error: 503")
    assert served(ready, own_words="order is") == 1.0
    assert served(error, own_words="order is") == 0.0
    assert served(ready) == 0.0
    # The notice a second time answers nothing.
    assert served(a_reply(None, notice=NOTICE, answer=NOTICE), own_words="answers") == 0.0


@pytest.mark.parametrize("fault", ["unavailable", "hang", "html", "model_swap"])
def test_an_answer_of_the_agreed_model_while_the_vendor_gives_none_was_made_up(fault):
    result = scored(backup(), vendor(), fault=fault)

    assert (result.served_share.value, result.lost) == (0.5, 1)
    assert result.errors == {FORGED: 1}
    assert "1 answers bear the vendor's mark, though it gave none like them" in result.problems


def test_more_answers_of_the_backup_than_it_was_asked_for_were_made_up():
    result = scored(backup(), backup(), hits={"primary": 2, "backup": 1})

    assert result.problems == ("2 answers bear the mark of the backup, which was asked 1 times",)


def test_a_swapped_model_that_reaches_a_user_without_a_word_is_a_silent_swap_and_no_switch_over():
    result = scored(vendor(model="other-than-x"), backup(took=0.7), fault="model_swap")

    assert (result.silent_swaps, result.notice_share.value) == (1, 0.5)
    assert result.models == {"other-than-x": 1, "other-medium-2": 1}
    assert result.switch_seconds.value == 0.7
    assert result.problems == (
        "1 answers came from another model than was asked for, without a word",
    )


def test_a_swapped_model_that_a_user_is_told_of_is_no_silent_swap():
    result = scored(vendor(model="other-than-x", notice=NOTICE), fault="model_swap")

    assert (result.silent_swaps, result.problems) == (0, ())


@pytest.mark.parametrize("nonce", ["ffffffff", "-"])
def test_the_vendors_own_answer_to_another_request_is_none_to_this(nonce):
    silent, told = vendor(nonce=nonce), vendor(nonce=nonce, notice=NOTICE)

    result = scored(backup(), silent, told)

    assert result.errors == {STALE: 2}
    assert (result.served_share.value, result.lost) == (pytest.approx(1 / 3), 1)
    assert "2 answers belonged to another request" in result.problems


@pytest.mark.parametrize("nonce", ["ffffffff", "-"])
def test_an_answer_to_another_request_is_not_the_vendor_as_it_should_be(nonce):
    assert vendor().normal(MODEL)
    assert not vendor(nonce=nonce).normal(MODEL)


def test_a_cache_may_give_the_answer_of_another_request_and_has_switched_over_by_it():
    plan = a_vendor_plan(path={"kind": "cache"})

    result = scored(vendor(nonce="ffffffff", notice=NOTICE), plan=plan)

    assert result.problems == ()
    assert (result.served_share.value, result.switch_seconds.value) == (1.0, 0.1)


def test_a_vendor_that_was_not_asked_while_it_failed_was_not_rehearsed():
    result = scored(backup(), hits={"primary": 0, "backup": 1})

    assert result.problems == (
        "the vendor was not asked while it failed, so nothing was rehearsed",
    )


def test_a_client_that_does_not_return_is_a_problem():
    result = scored(backup(), returned_after=None)

    assert result.return_seconds.value is None
    assert result.problems == (
        "the vendor's own answers did not return within 10 s after the fault",
    )


def test_a_request_that_is_lost_after_the_fault_is_lost_too():
    result = scored(backup(), after=[lost(), backup(notice=""), vendor()])

    assert (result.lost, result.served_share.n) == (1, 1)
    assert result.problems == (
        "1 requests were lost while the vendor served again",
        "1 degraded answers had no notice while the vendor served again",
    )


def test_the_drill_is_as_slow_as_its_slowest_fault():
    facts = totalled(seen(backup(took=0.2)), seen(backup(took=1.6), fault="hang"))

    assert facts["seconds"]["value"] == facts["notice_seconds"]["value"] == 1.6


def test_a_fault_without_a_switch_over_is_slower_than_any():
    facts = totalled(seen(backup()), seen(lost(), fault="hang"))

    assert facts["seconds"]["value"] is None


def test_all_requests_of_the_faults_make_the_shares_and_all_others_are_counted_too():
    first, second = seen(backup(), backup()), seen(backup(), lost(), after=[vendor()])

    facts = totalled(first, second, others=3)

    assert (facts["served_share"]["value"], facts["served_share"]["n"]) == (0.75, 4)
    assert (facts["degraded_share"]["value"], facts["degraded_share"]["n"]) == (1.0, 3)
    assert (facts["lost"], facts["requests"]) == (1, 8)
    assert [FaultResult.model_validate(f).fault for f in facts["faults"]] == ["unavailable"] * 2


def test_the_notice_of_all_faults_has_to_be_the_plans():
    one, other = seen(backup()), seen(backup(notice="All is well.", took=0.9), fault="hang")

    assert totalled(one)["notice_matches_plan"]
    assert totalled(one)["notice_digest"] == digest_of(NOTICE.encode())
    assert not totalled(one, other)["notice_matches_plan"]
    assert totalled(seen(lost()))["notice_seen"] is False


@pytest.mark.parametrize(
    ("observed", "noticed"),
    [
        (seen(backup(), fault="model_swap"), True),
        (seen(vendor(model="other-than-x"), fault="model_swap"), False),
        (seen(backup(), fault="model_swap", hits={"primary": 0}), None),
        (seen(backup(), fault="hang"), None),
    ],
)
def test_whether_a_swap_was_noticed_is_said_only_where_one_was_tried(observed, noticed):
    assert totalled(observed)["swap_noticed"] is noticed


def test_a_returned_drill_returned_from_every_fault():
    assert totalled(seen(backup()), seen(backup()))["returned"]
    assert not totalled(seen(backup()), seen(backup(), returned_after=None))["returned"]


def test_the_reference_of_this_question_counts_and_not_one_of_the_conversation_before():
    told = f"{with_reference('Hello', 'ffffffff')} and {with_reference('Where is it?', NONCE)}"

    assert (reference_in(told), reference_in("no reference")) == (NONCE, "-")


def test_a_question_made_of_an_earlier_answer_of_the_vendor_keeps_the_reference():
    rewritten = marked("Where is order 7?", Mark("primary", NONCE, MODEL))

    assert reference_in(rewritten) == NONCE
