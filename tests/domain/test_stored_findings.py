"""The findings of a verdict that lies on the ledger are read when somebody looks at them."""

import json
import pickle

import pytest

from ops_model.domain.assessment import Assessment, StoredFindings
from ops_model.domain.records import read_record, read_stored_record
from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.errors import IntegrityError
from tests.builders import AS_OF
from tests.site.samples import assessment
from tests.store.ledger_events import an_event

VERDICT = assessment()
STORED = canonical_bytes(VERDICT)
QUESTIONS = b'],"five_questions":'


def read(stored=STORED):
    return read_stored_record(stored)


def unread(record):
    return isinstance(record.findings, StoredFindings) and record.findings._read is None


def test_a_verdict_is_read_without_its_findings():
    record = read()
    assert unread(record)
    assert (record.verdict, record.as_of, record.areas) == ("NOT READY", AS_OF, VERDICT.areas)
    assert unread(record)


@pytest.mark.parametrize(
    "look",
    [
        lambda record: record == VERDICT,
        lambda record: record == read(),
        lambda record: hash(record) == hash(VERDICT),
        lambda record: record.blocking == VERDICT.blocking != (),
        lambda record: len(record.findings) == len(VERDICT.findings) > 1,
        lambda record: record.findings[0] == VERDICT.findings[0],
        lambda record: record.findings[1:] == VERDICT.findings[1:],
        lambda record: hash(record.findings) == hash(VERDICT.findings),
        lambda record: canonical_bytes(record) == STORED,
        lambda record: digest_of(record) == digest_of(STORED),
        lambda record: record.model_dump() == VERDICT.model_dump(),
        lambda record: json.loads(record.model_dump_json()) == json.loads(STORED),
        lambda record: dict(record.measured()) == dict(VERDICT.measured()) != {},
        lambda record: read_record(record.model_dump(mode="json")) == VERDICT,
    ],
)
def test_whoever_looks_sees_what_was_written(look):
    record = read()
    assert look(record)
    assert look(record)  # once more, now that it was read
    assert not unread(record)


def test_it_is_equal_from_the_other_side_too():
    assert VERDICT.__eq__(read())


def test_another_verdict_is_another_one():
    other = VERDICT.model_copy(update={"findings": VERDICT.findings[1:]})
    assert read() != other
    assert read(canonical_bytes(other)) != read()


@pytest.mark.parametrize("looked", [False, True], ids=["unread", "read"])
def test_it_reaches_another_process_as_it_is(looked):
    record = read()
    assert not looked or list(record.findings)
    there = pickle.loads(pickle.dumps(record))
    assert unread(there) is not looked
    assert there == VERDICT


def test_a_verdict_of_this_process_reaches_another_one_unread():
    there = pickle.loads(pickle.dumps(VERDICT))
    assert unread(there)
    assert digest_of(there) == digest_of(VERDICT)
    assert there == VERDICT
    assert type(VERDICT.findings) is tuple


def test_texts_that_every_verdict_has_are_held_once():
    one, other = pickle.loads(pickle.dumps(VERDICT)), read()
    for mine, its in zip(one.findings, other.findings, strict=True):
        assert mine.question is its.question
        assert mine.message is its.message


def test_a_finding_without_a_form_as_json_reaches_another_process_too():
    half = VERDICT.findings[0].model_copy(update={"message": "half of a character: \ud83d"})
    odd = VERDICT.model_copy(update={"findings": (half,)})
    assert pickle.loads(pickle.dumps(odd)) == odd


def test_what_has_no_findings_is_read_at_once():
    none = VERDICT.model_copy(update={"findings": ()})
    assert read(canonical_bytes(none)) == none


FORGED = {
    "a finding that is none": (b'"findings":[', b'"findings":[{"check":"RBK-01"},'),
    "no JSON behind the key": (b'"findings":[', b'"findings":[,'),
    "the key twice": (b'"findings":[', b'"findings":[],"findings":['),
    "another list within": (b'"findings":[', b'"findings":[],"extra":['),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_findings_that_are_none_are_told_when_they_are_read(forge):
    with pytest.raises(IntegrityError, match=r"record of kind assessment: findings|is no JSON"):
        list(read(STORED.replace(*forge)).findings)


def test_what_stands_in_a_text_is_no_key():
    told = 'said ,"findings":[] and ],"five_questions":'
    answers = (VERDICT.five_questions[0].model_copy(update={"answer": told}),)
    findings = (VERDICT.findings[0].model_copy(update={"message": told}),)
    said = VERDICT.model_copy(update={"five_questions": answers, "findings": findings})
    record = read(canonical_bytes(said))
    assert record == said
    assert record.findings[0].message == told


def test_a_key_of_the_same_name_elsewhere_is_refused_as_ever():
    with pytest.raises(IntegrityError, match="areas"):
        read(STORED.replace(b'"areas":{', b'"areas":{"cost":"passed","findings":[],'))


@pytest.mark.parametrize("kind", ["quality", "nothing of ours"])
def test_another_kind_with_findings_is_no_verdict(kind):
    with pytest.raises(IntegrityError, match=kind):
        read(STORED.replace(b'"kind":"assessment"', f'"kind":"{kind}"'.encode()))


def test_an_entry_gives_it_unread(tmp_path):
    from ops_model.store.ledger import Ledger

    told = {"record": VERDICT.model_dump(mode="json"), "digest": digest_of(VERDICT)}
    event = an_event(
        "verdict", type="evidence.published", actor="tool:ops-model", data={**told, "origin": None}
    )
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        ledger.append(event)
        (statement,) = ledger.statements(event.subject)
    assert isinstance(statement.record, Assessment)
    assert unread(statement.record)
    assert statement.record == VERDICT
