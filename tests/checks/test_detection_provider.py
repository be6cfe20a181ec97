from datetime import date, timedelta

import pytest

from ops_model.domain.detection_served import CanaryQuestions, ModelSeen
from tests.builders import AREAS, AS_OF
from tests.checks.judged import instead, judged, lacking
from tests.shown_signals import an_identity, between, counted

VENDOR = {
    "id": "vendor",
    "kind": "model_provider",
    "name": "a vendor",
    "pinned_id": "large-2013-01",
}
MONITOR = {
    "id": "model-behind",
    "signal": "provider_identity",
    "metric": "match",
    "automated": "true",
}


def served_by(*providers):
    return {"dependencies": [*AREAS["identity"]["dependencies"], *providers]}


def seen(provider=VENDOR, records=None, signals=None, **changes):
    """The finding about one provider, of which this was seen."""
    return judged(
        "OBS-06",
        identity=served_by(provider),
        signals={"monitors": [*AREAS["signals"]["monitors"], MONITOR], **(signals or {})},
        records=records or instead("provider_identity", lambda s: an_identity(s, **changes)),
    )


def test_obs_06_passes_when_the_agreed_model_answers_as_it_did():
    finding = seen()

    assert finding.status == "passed"
    assert finding.message == (
        "provider vendor: large-2013-01 in 900 of 900 requests; of the answers to fixed questions "
        "3 % (n 400, 1 to 5 %) differ, and 2.5 % (n 400, 1 to 4 %) do by chance"
    )
    assert finding.valid_until == AS_OF + timedelta(days=8)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"seen": (ModelSeen(model="large-2013-01", requests=890),
                      ModelSeen(model="large-2013-07", requests=10))},
            "large-2013-07 in 10 of 900 requests",
        ),
        ({"canary": between(0.05, 0.12, 400)}, "8.5 % (n 400, 5 to 12 %) differ"),
        ({"changed": True}, "agreed is large-2013-01"),
    ],
)  # fmt: skip
def test_obs_06_fails_when_another_model_answers_or_the_answers_moved(changes, said):
    finding = seen(**changes)

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize("pinned", ["large-latest", "large", None])
def test_obs_06_fails_when_no_exact_model_was_agreed(pinned):
    finding = seen({**VENDOR, "pinned_id": pinned})

    assert finding.status == "failed"
    assert "expected the exact name of one model" in finding.message


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"canary": None}, "missing"),
        ({"noise_floor": None}, "missing"),
        # the noise ends at 4 %, and 5 points more are allowed
        ({"canary": between(0.0, 0.11, 30)}, "too_few"),
        ({"noise_floor": counted(0.0, 0)}, "too_few"),
        ({"seen": ()}, "too_few"),
        ({"seen": (ModelSeen(model="large-2013-01", requests=0),)}, "too_few"),
        ({"pinned": "large-2012-12"}, "expired"),
        ({"as_of": AS_OF - timedelta(days=9)}, "expired"),
        ({"dependency": "another"}, "missing"),
    ],
)
def test_obs_06_is_unknown_when_what_was_seen_tells_too_little(changes, reason):
    finding = seen(**changes)

    assert (finding.status, finding.reason) == ("unknown", reason)


def test_obs_06_is_unknown_while_nobody_looked_and_asks_for_a_monitor_first():
    watched = seen(records=lacking())
    unwatched = seen(records=lacking(), signals={"monitors": AREAS["signals"]["monitors"]})

    assert watched.reason == unwatched.reason == "missing"
    assert watched.remedy == (
        "the reliability owner has provider vendor asked the same questions each day, logs the "
        "answers, and declares the log, a baseline and `canaries` in signals.yaml, then runs "
        "`ops-model run 05_drift_quality flight-delay`"
    )
    assert unwatched.remedy.startswith("the reliability owner writes a monitor of provider_ident")


def test_obs_06_is_unknown_when_one_of_two_providers_was_not_looked_at():
    backup = {**VENDOR, "id": "backup", "pinned_id": "medium-2"}

    finding = judged(
        "OBS-06", identity=served_by(VENDOR, backup), records=instead("x", an_identity)
    )

    assert finding.reason == "missing"
    assert "at provider backup is on no record" in finding.message


def test_obs_06_does_not_arise_for_a_model_of_our_own():
    own = judged("OBS-06", identity={"kind": "llm_app"})

    assert own.status == judged("OBS-06").status == "not_applicable"
    assert own.message == "no provider serves a model: v2 (models/v2.json) is our own"


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ({"kind": "agent", "version": {"model_digest": None}}, "kind agent calls a model"),
        (
            {"version": {"provider_model_id": "large-2013-01"}},
            "version v2 is the provider's model large-2013-01",
        ),
    ],
)
def test_obs_06_is_unknown_for_a_model_that_is_called_and_served_by_nobody(identity, said):
    version = {**AREAS["identity"]["version"], **identity["version"]}

    finding = judged("OBS-06", identity={**identity, "version": version})

    assert finding.reason == "missing"
    assert said in finding.message


@pytest.mark.parametrize(
    "changes",
    [
        # Most answers differ by chance, so that none would show another model.
        {"canary": between(0.93, 0.97, 400), "noise_floor": between(0.9, 0.95, 400)},
        {"canary": counted(0.0, 1), "noise_floor": counted(0.0, 400)},
        {"canary": counted(0.0, 400), "noise_floor": counted(0.0, 1)},
        {"seen": (ModelSeen(model="large-2013-01", requests=9),)},
    ],
)
def test_obs_06_is_unknown_when_the_questions_could_not_show_another_model(changes):
    finding = seen(**changes)

    assert finding.reason == "too_few"
    assert "at least 20 requests and fixed questions, of which at most 25 %" in finding.message


def test_obs_06_says_since_when_the_answers_differ():
    finding = seen(changed=True, since=date(2013, 7, 9))

    assert "differ, too many since 2013-07-09, and" in finding.message


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"unsaid_requests": 901}, "901 requests do not say which model answered"),
        (
            {"questions": CanaryQuestions(pinned=100, missing=40, unanswered=11)},
            "of 100 questions with an agreed answer 40 were not asked, and 11 of those that were",
        ),
    ],
)
def test_obs_06_is_unknown_when_most_of_it_is_silence(changes, told):
    finding = seen(**changes)

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert told in finding.message


def test_obs_06_passes_when_half_of_it_says_enough():
    half = CanaryQuestions(pinned=100, missing=50)

    assert seen(unsaid_requests=900, questions=half).status == "passed"
