"""Which outputs become records."""

from datetime import UTC, datetime

import pytest

from ops_model.domain.evidence import RECORD_MIME, Attestation, Measured, Verification
from ops_model.domain.spend import SpendMeasurement
from ops_model.notebook.harvest import BadRecordError, harvest
from tests.domain.redaction_corpus import Maker, personal, secrets
from tests.notebook.builders import AS_OF

COST = Measured(value=1.5, unit="USD", n=3, no_interval="exact")
SPEND = SpendMeasurement(
    system="flight-delay", as_of=AS_OF, currency="USD", total=COST, today=COST,
    last_full_day=COST, data_age_hours=Measured(value=2.0, unit="h", n=1, no_interval="exact"),
    unpriced_rows=0, price_source="cost.yaml", days=(),
)  # fmt: skip


def cells(*outputs):
    """One cell that shows nothing, then one cell for each output."""
    return [
        {"cell_type": "markdown"},
        *({"cell_type": "code", "outputs": [{"data": {RECORD_MIME: o}}]} for o in outputs),
    ]


def test_a_record_is_found_with_the_number_of_its_cell():
    found = harvest(cells(SPEND.model_dump(mode="json")), system="flight-delay", as_of=AS_OF)

    assert [(f.cell, f.record["kind"]) for f in found] == [(1, "spend")]


@pytest.mark.parametrize(
    ("kind", "secret"),
    [("github_token", Maker(2).github_token()), ("private_key", Maker(2).private_key()),
     ("email", "ada@example.org"), ("card", Maker(2).card())],
)  # fmt: skip
def test_a_record_that_holds_a_secret_or_reaches_a_person_is_refused_by_kind_and_place(
    kind, secret
):
    record = SPEND.model_copy(update={"price_source": f"from {secret}"}).model_dump(mode="json")

    with pytest.raises(BadRecordError, match=rf"\({kind}\), at price_source") as refused:
        harvest(cells(record), system="flight-delay", as_of=AS_OF)
    assert refused.value.cell == 1
    assert secret not in str(refused.value)


def test_no_secret_and_no_contact_of_the_corpus_gets_into_a_record():
    for kind, _, text in secrets() + personal():
        record = SPEND.model_copy(update={"price_source": text}).model_dump(mode="json")
        if kind == "ip_address":
            continue  # which may be a version
        with pytest.raises(BadRecordError, match="what no record may hold"):
            harvest(cells(record), system="flight-delay", as_of=AS_OF)


def test_the_name_of_a_column_that_is_a_secret_is_refused_and_not_told():
    key = Maker(2).github_token()
    record = SPEND.model_dump(mode="json") | {"days": [{key: key}]}

    with pytest.raises(BadRecordError) as refused:
        harvest(cells(record), system="flight-delay", as_of=AS_OF)
    assert key not in str(refused.value)


def test_more_records_than_a_kernel_can_be_trusted_to_pass_on_are_refused():
    one = SPEND.model_dump(mode="json")

    assert len(harvest(cells(*[one] * 100), system="flight-delay", as_of=AS_OF)) == 100
    with pytest.raises(BadRecordError, match="a run may record 100 results; got more"):
        harvest(cells(*[one] * 101), system="flight-delay", as_of=AS_OF)


def test_a_record_that_the_ledger_could_not_hold_is_refused():
    long = SPEND.model_copy(update={"price_source": "x" * 200_000}).model_dump(mode="json")

    with pytest.raises(BadRecordError, match="expected at most 200,000"):
        harvest(cells(long), system="flight-delay", as_of=AS_OF)


def test_the_order_of_the_records_is_that_of_the_cells():
    other = SPEND.model_copy(update={"currency": "EUR"}).model_dump(mode="json")

    found = harvest(
        cells(SPEND.model_dump(mode="json"), other), system="flight-delay", as_of=AS_OF
    )

    assert [f.record["currency"] for f in found] == ["USD", "EUR"]


def test_outputs_without_the_record_type_are_no_records():
    shown = [{"outputs": [{"name": "stdout", "text": "observed"}, {"data": {"text/html": "x"}}]}]

    assert harvest(shown, system="flight-delay", as_of=AS_OF) == ()


def test_a_record_about_another_system_is_refused():
    with pytest.raises(BadRecordError, match="about flight-delay, not support-assistant"):
        harvest(cells(SPEND.model_dump(mode="json")), system="support-assistant", as_of=AS_OF)


def test_a_record_of_another_instant_is_refused():
    later = datetime(2013, 7, 23, tzinfo=UTC)

    with pytest.raises(BadRecordError, match="as of 2013-07-22"):
        harvest(cells(SPEND.model_dump(mode="json")), system="flight-delay", as_of=later)


@pytest.mark.parametrize(
    "record",
    [
        Attestation(
            system="flight-delay", as_of=AS_OF, topic="ownership", person="m-ito",
            text="I own it", expires=AS_OF,
        ),
        Verification(system="flight-delay", as_of=AS_OF, ledger_size=0),
    ],
    ids=lambda r: r.kind,
)  # fmt: skip
def test_a_cell_cannot_speak_for_a_person_or_for_the_tool(record):
    with pytest.raises(BadRecordError, match="a notebook cannot record"):
        harvest(cells(record.model_dump(mode="json")), system="flight-delay", as_of=AS_OF)


@pytest.mark.parametrize(
    "spoiled",
    [
        "spend", None, [], {}, {"kind": "verdict"}, {"kind": "spend"},
        {**SPEND.model_dump(mode="json"), "grade": "E4"},
        {**SPEND.model_dump(mode="json"), "unpriced_rows": "many"},
    ],
)  # fmt: skip
def test_a_record_that_is_not_what_its_kind_demands_is_refused(spoiled):
    with pytest.raises(BadRecordError, match="cell 1"):
        harvest(cells(spoiled), system="flight-delay", as_of=AS_OF)


def test_what_lies_under_the_outputs_of_a_cell_that_does_not_run_is_no_record():
    forged = [{"cell_type": "markdown", "outputs": [{"data": {RECORD_MIME: {"kind": "drift"}}}]}]

    assert harvest(forged, system="flight-delay", as_of=AS_OF) == ()


@pytest.mark.parametrize("n", [2**53, 10**30])
def test_a_number_that_canonical_json_cannot_hold_is_refused(n):
    wrong = {**SPEND.model_dump(mode="json"), "unpriced_rows": n}

    with pytest.raises(BadRecordError, match="canonical JSON cannot hold"):
        harvest(cells(wrong), system="flight-delay", as_of=AS_OF)


def test_a_cell_may_hold_several_records_in_their_order():
    other = SPEND.model_copy(update={"currency": "EUR"}).model_dump(mode="json")
    several = [SPEND.model_dump(mode="json"), other]

    found = harvest(cells(several), system="flight-delay", as_of=AS_OF)

    assert [(f.cell, f.record["currency"]) for f in found] == [(1, "USD"), (1, "EUR")]


def test_one_bad_record_among_several_refuses_them_all():
    several = [SPEND.model_dump(mode="json"), {"kind": "verdict"}]

    with pytest.raises(BadRecordError, match="a notebook cannot record 'verdict'"):
        harvest(cells(several), system="flight-delay", as_of=AS_OF)


def test_the_records_of_one_cell_count_as_those_of_many():
    one = SPEND.model_dump(mode="json")

    with pytest.raises(BadRecordError, match="a run may record 100"):
        harvest(cells([one] * 60, [one] * 41), system="flight-delay", as_of=AS_OF)
