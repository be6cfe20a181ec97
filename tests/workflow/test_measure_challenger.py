"""A challenger of `change.yaml` compared by the results that its plan names."""

from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.check.recorded import Evidence
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_challenger import challengers_of, why_not_compared
from tests.builders import AREAS, AS_OF, a_system, an_evidence

REQUEST = AREAS["change"]["requests"][0]
PLAN = {**REQUEST["challenger"], "results": "trial.parquet", "cases": "200"}
UTC_TIME = pa.timestamp("us", "UTC")
ASKED_FOR = "2013-07-01T08:00:00Z"


@dataclass(frozen=True)
class Opened:
    """What `workflow.open` gives, as far as a comparison reads it."""

    root: object
    system: object
    as_of: object = AS_OF
    evidence: Evidence = field(default_factory=an_evidence)


def write_trial(root, *, right=(0.6, 0.9), cases=200, name="trial.parquet", **more):
    """Each case by both arms, each arm right in the first so many of them."""
    columns = {
        "case_id": [str(n) for n in range(cases)] * 2,
        "arm": ["v2"] * cases + ["v3"] * cases,
        "passed": [n < share * cases for share in right for n in range(cases)],
        "topic": ["a", "b"] * cases,
    }
    pq.write_table(pa.table({**columns, **more}), root / name)


def opened(root, *records, as_of=AS_OF, request=(), **plan):
    asked = {**REQUEST, **dict(request), "challenger": {**PLAN, **plan}}
    system = a_system(change={"requests": [asked]})
    return Opened(root, system, as_of, an_evidence(*records))


def compared(root, *records, **plan):
    (found,) = challengers_of(opened(root, *records, **plan))
    return found


def at(*days):
    """When each of 400 answers came, that many days before the instant that judges."""
    when = [AS_OF - timedelta(days=days[n * len(days) // 400]) for n in range(400)]
    return pa.array(when, UTC_TIME)


def test_the_verdict_is_of_the_two_versions_as_they_are_described(tmp_path):
    write_trial(tmp_path)
    found = compared(tmp_path, slices=["topic"])

    known = a_system().identity.known_version
    assert (found.from_digest, found.to_digest) == (known("v2").digest(), known("v3").digest())
    assert (found.verdict, found.cases, found.margin) == ("better", 200, 0.01)
    assert found.difference.value == pytest.approx(0.3)
    assert {one.name for one in found.slices} == {"topic = a", "topic = b"}
    assert [given.address for given in found.inputs] == ["trial.parquet"]
    assert {ref.file for ref in found.claims} == {"change.yaml", "system.yaml"}
    assert read_record(found.model_dump(mode="json")) == found


def test_a_worse_challenger_is_called_worse(tmp_path):
    write_trial(tmp_path, right=(0.9, 0.6))

    assert compared(tmp_path).verdict == "worse"


def test_answers_older_than_the_margin_decide_nothing(tmp_path):
    write_trial(tmp_path, answered_at=at(40, 1))
    found = compared(tmp_path, slices=["topic"])

    assert (found.verdict, found.cases_needed) == ("undecided", None)
    assert {one.verdict for one in found.slices} == {"undecided"}
    assert any("before the margin was written" in fault for fault in found.faults)


def test_answers_that_came_after_the_margin_decide(tmp_path):
    write_trial(tmp_path, answered_at=at(3, 1))
    found = compared(tmp_path)

    assert (found.verdict, found.faults) == ("better", ())
    assert not any("do not say when" in note for note in found.notes)


def test_results_without_an_instant_say_so_and_decide(tmp_path):
    write_trial(tmp_path)
    found = compared(tmp_path)

    assert found.verdict == "better"
    assert any("the word of cy-data" in note for note in found.notes)


def test_answers_of_after_the_instant_that_judges_are_not_read(tmp_path):
    later = [AS_OF + timedelta(days=(-1 if n % 2 else 1)) for n in range(200)] * 2
    write_trial(tmp_path, answered_at=pa.array(later, UTC_TIME))

    assert compared(tmp_path).cases == 100


def test_a_margin_that_was_changed_after_a_look_decides_nothing(tmp_path):
    write_trial(tmp_path)
    before = compared(tmp_path, margin="0.02")
    found = compared(tmp_path, before)

    assert found.verdict == "undecided"
    assert found.faults == (
        f"the margin was changed after a look: 0.02 on {AS_OF.date()}, 0.01 now; ask for it anew, "
        "with new cases",
    )


def test_a_second_look_under_the_same_margin_decides_as_the_first(tmp_path):
    write_trial(tmp_path)
    before = compared(tmp_path)

    assert compared(tmp_path, before) == before


def test_fewer_cases_and_repeats_than_planned_are_told(tmp_path):
    write_trial(tmp_path)
    found = compared(tmp_path, cases="300", repeats="3")

    assert "there are 200 of 300 planned cases and 1 of 3 planned repeats" in found.notes


def test_a_trial_in_production_is_not_read(tmp_path):
    write_trial(tmp_path)
    book = opened(tmp_path, environment="production")

    assert challengers_of(book) == ()
    (request,) = book.system.change.requests
    assert "to run in production, so its results are not read" in why_not_compared(book, request)


@pytest.mark.parametrize(
    ("request_", "plan", "said"),
    [
        ((), {"results": None}, "names no `results` in change.yaml yet"),
        ((), {"results": "later.parquet"}, "There are no results of to-v3 yet: later.parquet"),
        ({"requested_at": "2029-01-01T00:00:00Z"}, {}, "which is to come"),
    ],
)
def test_a_trial_that_has_no_results_yet_is_no_mistake(tmp_path, request_, plan, said):
    write_trial(tmp_path)
    book = opened(tmp_path, request=request_, **plan)

    assert challengers_of(book) == ()
    assert said in why_not_compared(book, book.system.change.requests[0])


def test_a_version_that_nobody_described_is_refused_with_its_place(tmp_path):
    write_trial(tmp_path)
    book = opened(tmp_path, request={"to_version": "v9"}, challenger="v3")

    with pytest.raises(WarehouseError, match="names version 'v9', which"):
        challengers_of(book)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"arm": ["v2"] * 400}, "arm"),
        ({"passed": [None] + [True] * 399}, "score"),
    ],
)
def test_results_of_one_arm_or_without_a_score_are_refused(tmp_path, changes, said):
    write_trial(tmp_path, **changes)

    with pytest.raises(WarehouseError, match=said):
        compared(tmp_path)


def test_rows_written_twice_and_cases_of_one_arm_are_counted(tmp_path):
    write_trial(tmp_path)
    rows = pq.read_table(tmp_path / "trial.parquet").to_pylist()
    lone = {**rows[0], "case_id": "alone"}
    pq.write_table(pa.Table.from_pylist([*rows, rows[0], lone]), tmp_path / "trial.parquet")
    found = compared(tmp_path)

    assert (found.unpaired, found.cases) == (1, 200)
