"""Provider, outcome and the two together, from a workbook on disk to the answer of the check."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_outcome import link_of, outcome_of
from ops_model.workflow.measure_provider import provider_identity_of
from tests.builders import AREAS, AS_OF, a_system
from tests.checks.judged import judged, lacking

FIRST = datetime(2013, 3, 1, tzinfo=UTC)
DAYS = 143  # until 21 July, the last whole day before AS_OF
PINNED = "large-2013-01"
VENDOR = {"id": "vendor", "kind": "model_provider", "name": "a vendor", "pinned_id": PINNED}
ASKED = {"id": "asked", "holds": "canaries", "address": "log/asked.parquet", "timestamp": "at"}
TRAFFIC = {
    "id": "traffic", "holds": "requests", "address": "log/traffic.parquet", "timestamp": "at",
}  # fmt: skip
SPRING = {
    "id": "spring-answers", "log": "asked",
    "start": "2013-03-01T00:00:00Z", "end": "2013-05-01T00:00:00Z",
}  # fmt: skip
CANARIES = {
    "id": "fixed", "dependency": "vendor", "log": "asked", "prompt": "prompt", "answer": "answer",
    "response_model": "model", "baseline": "spring-answers", "traffic": "traffic",
}  # fmt: skip
BEHIND = {"id": "behind", "signal": "provider_identity", "metric": "match", "automated": "true"}
SERVED = {
    "id": "served", "holds": "judged_answers", "address": "log/served.parquet", "timestamp": "at",
}  # fmt: skip
SETTLED = {
    "id": "settled", "holds": "outcomes", "address": "log/settled.parquet", "timestamp": "at",
}  # fmt: skip
QUALITY = {
    **AREAS["signals"]["monitors"][0], "log": "served", "baseline": "march", "label": "good",
    "labels": None, "segments": [], "min_n": "50",
}  # fmt: skip
MARCH = {"start": "2013-03-01T00:00:00Z", "end": "2013-04-01T00:00:00Z"}
OUTCOME = {
    **AREAS["signals"]["outcomes"][0], "baseline": "0.3", "target": "0.6", "label_lag_days": "1",
    "log": "settled", "value": "kept", "baseline_span": "march-settled",
}  # fmt: skip


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF


def write(root, name, rows):
    path = root / "log" / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    columns = {**rows, "at": pa.array(rows["at"], pa.timestamp("us", "UTC"))}
    pq.write_table(pa.table(columns), path)


def write_provider(root, *, changed_on=DAYS, named=PINNED, days=DAYS, prompts=100):
    """Every day a hundred questions, of which one differs; from a day on, 20 more do."""
    each = [(d, p) for d in range(days) for p in range(prompts)]
    write(root, "asked", {
        "at": [FIRST + timedelta(days=d, hours=5, seconds=p) for d, p in each],
        "prompt": [f"q{p}" for _, p in each],
        "answer": ["x" if p == d % 100 else "b" if p < 20 and d >= changed_on else "a"
                   for d, p in each],
        "model": [PINNED] * len(each),
    })  # fmt: skip
    write(root, "traffic", {
        "at": [AS_OF - timedelta(hours=n) for n in range(1, 200)],
        "model": [named if n == 50 else PINNED for n in range(1, 200)],
    })  # fmt: skip


def provider(root, canaries=CANARIES, *, vendor=VENDOR, **signals):
    """What the real path measures, and what the check that reads it then says."""
    claims = {
        "logs": [*AREAS["signals"]["logs"], ASKED, TRAFFIC],
        "baselines": [*AREAS["signals"]["baselines"], SPRING],
        "monitors": [*AREAS["signals"]["monitors"], BEHIND],
        "canaries": [canaries],
        **signals,
    }
    served_by = {"dependencies": [*AREAS["identity"]["dependencies"], vendor]}
    return shown("OBS-06", provider_identity_of, root, claims, identity=served_by)


def shown(check, make, root, claims, **areas):
    seen = []

    def records(system):
        made = make(Opened(root, system))
        seen.extend(made)
        return (*lacking(*(r.kind for r in made))(system), *made)

    finding = judged(check, records=records, signals=claims, **areas)
    assert [read_record(r.model_dump(mode="json")) for r in seen] == seen
    assert all(number.complete for r in seen for _, number in r.measured())
    return seen[0], finding


def test_the_agreed_model_lets_the_check_pass(tmp_path):
    write_provider(tmp_path)

    record, finding = provider(tmp_path)

    assert finding.status == "passed"
    assert not record.changed
    # 7 days of a hundred questions, and of 168 requests.
    assert [(m.model, m.requests) for m in record.seen] == [(PINNED, 700 + 168)]
    assert (record.canary.value, record.canary.n) == (0.01, 100)
    assert record.noise_floor.n == 61 * 100
    assert record.alarm_above == 6
    assert [i.address for i in record.inputs] == ["log/asked.parquet", "log/traffic.parquet"]
    assert {c.file for c in record.claims} == {"system.yaml", "signals.yaml"}


def test_another_model_under_the_same_name_fails_the_check_since_the_day_it_came(tmp_path):
    write_provider(tmp_path, changed_on=130)

    record, finding = provider(tmp_path)

    assert finding.status == "failed"
    assert record.since == (FIRST + timedelta(days=130)).date()
    assert "too many since 2013-07-09" in finding.message
    assert [m.model for m in record.seen] == [PINNED]


def test_one_request_in_which_another_model_gives_its_name_fails_the_check(tmp_path):
    write_provider(tmp_path, named="large-2013-07")

    record, finding = provider(tmp_path)

    assert (record.changed, record.since) == (True, None)
    assert finding.status == "failed"
    assert "large-2013-07 in 1 of 868 requests" in finding.message


def test_questions_that_were_not_asked_yesterday_are_no_pass(tmp_path):
    write_provider(tmp_path, days=DAYS - 1)

    record, finding = provider(tmp_path)

    assert record.canary.value is None
    assert record.questions.missing == 100
    assert (finding.status, finding.reason) == ("unknown", "too_few")


def test_questions_that_are_asked_again_until_the_answer_is_right_are_no_pass(tmp_path):
    write_provider(tmp_path, changed_on=130)
    once = pq.read_table(tmp_path / "log" / "asked.parquet").to_pylist()
    again = [
        {**row, "at": row["at"] + timedelta(hours=1), "answer": "a"}
        for row in once if row["answer"] == "b"
    ]  # fmt: skip
    write(tmp_path, "asked", {key: [row[key] for row in once + again] for key in once[0]})

    record, finding = provider(tmp_path)

    assert (record.changed, record.questions.repeated) == (False, 20)
    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "20 questions were asked again that day" in finding.message


def test_answers_of_the_day_that_is_not_over_count_nowhere(tmp_path):
    write_provider(tmp_path, changed_on=DAYS, days=DAYS + 1)

    record, _ = provider(tmp_path)

    assert not record.changed
    assert record.canary_day.isoformat() == "2013-07-21"


def test_a_day_that_pins_its_own_answers_is_refused(tmp_path):
    write_provider(tmp_path)
    late = {**SPRING, "end": "2013-07-21T12:00:00Z"}

    with pytest.raises(WarehouseError, match="would be compared with themselves"):
        provider(tmp_path, baselines=[*AREAS["signals"]["baselines"], late])


@pytest.mark.parametrize(
    ("canaries", "vendor", "says"),
    [
        ({"dependency": "gone"}, {}, "canaries fixed ask 'gone'"),
        ({}, {"pinned_id": None}, "provider vendor has no pinned_id"),
        ({"baseline": "spring"}, {}, "baseline spring of canaries fixed lies on log served"),
        ({"baseline": "gone"}, {}, "baseline gone of canaries fixed is not declared"),
        ({"log": "gone"}, {}, "expected a span of log gone"),
        ({"traffic": "gone"}, {}, "canaries fixed has traffic 'gone'"),
        ({"answer": "anser"}, {}, "has no column 'anser'"),
    ],
)
def test_canaries_that_name_what_is_not_there_say_so(tmp_path, canaries, vendor, says):
    write_provider(tmp_path, days=70)

    with pytest.raises(WarehouseError, match=says):
        provider(tmp_path, {**CANARIES, **canaries}, vendor={**VENDOR, **vendor})


def write_outcome(root, *, rises=0.1, follows=1.0, days=DAYS):
    """Weeks of 70 % good answers, more or less; of the outcomes 30 % in March, then `rises` more.

    The outcome of a week lies off its mean as quality does, `follows` times as far.
    """
    rng = np.random.default_rng(3)
    level = np.repeat(rng.uniform(-0.08, 0.08, DAYS // 7 + 2), 7)[:days]
    per_day = 100
    at = [FIRST + timedelta(days=d, minutes=m) for d in range(days) for m in range(per_day)]
    good = [m < round(100 * (0.7 + level[d])) for d in range(days) for m in range(per_day)]
    write(root, "served", {"at": at, "good": good})
    kept = [
        m < round(100 * (0.3 + (rises if d >= 31 else 0) + follows * level[d]))
        for d in range(days) for m in range(per_day)
    ]  # fmt: skip
    write(root, "settled", {"at": at, "kept": kept})


def claims(outcome=OUTCOME):
    others = [m for m in AREAS["signals"]["monitors"] if m["signal"] != "output_quality"]
    return {
        "logs": [*AREAS["signals"]["logs"][1:], SERVED, SETTLED],
        "baselines": [{**MARCH, "id": "march", "log": "served"},
                      {**MARCH, "id": "march-settled", "log": "settled"}],
        "monitors": [QUALITY, *others],
        "outcomes": [outcome],
    }  # fmt: skip


def outcome(root, changes=None):
    said = claims({**OUTCOME, **(changes or {})})
    return shown("QLT-06", lambda b: [outcome_of(b, b.system.signals.outcomes[0])], root, said)


def rewritten(root, kept):
    """The log of outcomes with another value for each row: of its time and of its own value."""
    old = pq.read_table(root / "log" / "settled.parquet").to_pylist()
    write(root, "settled", {
        "at": [row["at"] for row in old],
        "kept": [kept(row["at"], row["kept"]) for row in old],
    })  # fmt: skip


def test_failures_that_are_no_longer_written_down_are_no_success(tmp_path):
    write_outcome(tmp_path, rises=0.0)
    late = FIRST + timedelta(days=60)
    rewritten(tmp_path, lambda at, kept: kept or (None if at > late else False))

    record, finding = outcome(tmp_path)

    assert (record.current.value, record.known_share_before) == (1.0, 1.0)
    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert f"is written down of {record.known_share * 100:.3g} % of its rows" in finding.message


def test_an_outcome_that_never_moves_does_not_move_by_its_last_digits(tmp_path):
    write_outcome(tmp_path)
    rewritten(tmp_path, lambda at, kept: 0.3)

    record, finding = outcome(tmp_path)

    assert (record.change.value, record.change.no_interval) == (0.0, "no day differs")
    assert finding.status == "unknown"


def linked(root, changes=None):
    said = claims({**OUTCOME, **(changes or {})})
    return shown("QLT-08", lambda b: [link_of(b, b.system.signals.outcomes[0])], root, said)


def test_an_outcome_that_moves_lets_the_check_pass(tmp_path):
    write_outcome(tmp_path)

    record, finding = outcome(tmp_path)

    assert finding.status == "passed"
    assert record.baseline.value == pytest.approx(0.3, abs=0.04)
    assert record.change.low > 0
    # It is known a day later, so that of 21 July nothing is yet.
    assert record.window.end == datetime(2013, 7, 21, tzinfo=UTC)
    assert record.window.end - record.window.start == timedelta(days=28)
    assert record.target == 0.6


def test_an_outcome_that_goes_back_fails_the_check(tmp_path):
    write_outcome(tmp_path, rises=-0.15)

    record, finding = outcome(tmp_path)

    assert record.change.high < 0
    assert finding.status == "failed"


def test_an_outcome_that_is_wanted_to_fall_moves_as_wanted_when_it_falls(tmp_path):
    write_outcome(tmp_path, rises=-0.15)

    record, finding = outcome(tmp_path, {"direction": "down", "target": "0.1"})

    assert record.change.low > 0
    assert finding.status == "passed"


def test_quality_that_the_outcome_follows_lets_the_check_pass(tmp_path):
    write_outcome(tmp_path, rises=0)

    record, finding = linked(tmp_path)

    assert finding.status == "passed"
    assert record.correlation.value > 0.9
    assert (record.period_days, record.correlation.n) == (7, 20)
    assert [i.address for i in record.inputs] == ["log/served.parquet", "log/settled.parquet"]


def test_quality_that_the_outcome_runs_against_fails_the_check(tmp_path):
    write_outcome(tmp_path, rises=0, follows=-1.0)

    record, finding = linked(tmp_path)

    assert record.correlation.high < 0
    assert finding.status == "failed"


def test_ten_weeks_are_too_few_to_say_whether_they_go_together(tmp_path):
    write_outcome(tmp_path, rises=0, days=70)

    record, finding = linked(tmp_path)

    assert (record.correlation.value, record.correlation.no_interval) == (None, "too few")
    assert (finding.status, finding.reason) == ("unknown", "too_few")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"value": None}, "outcome gates-kept names no value"),
        ({"log": "gone"}, "outcome gates-kept has log 'gone'"),
        ({"baseline_span": "march"}, "baseline_span march of outcome gates-kept lies on log serv"),
        ({"window_days": "120"}, "would be compared with itself"),
        ({"value": "kep"}, "has no column 'kep'"),
    ],
)
def test_an_outcome_that_names_what_is_not_there_says_so(tmp_path, changes, says):
    write_outcome(tmp_path)
    system = a_system(signals=claims({**OUTCOME, **changes}))

    with pytest.raises(WarehouseError, match=says):
        outcome_of(Opened(tmp_path, system), system.signals.outcomes[0])
