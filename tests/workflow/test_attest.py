"""What a person may put on the ledger, and what it is pinned to."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.values import digest_of
from ops_model.errors import LedgerError, UsageError
from ops_model.store.ledger import Ledger
from ops_model.workflow.attest import attest
from tests.store.ledger_events import AS_OF, RECORDED, SYSTEM, a_drill, finished, published
from tests.workflow.attest_samples import a_model, a_system

TEXT = "I know how this service fails, and I answer for it."


def say(root, model=None, **changes):
    fields = {
        "topic": "ownership", "person": "m-ito", "text": TEXT, "as_of": AS_OF,
        "recorded_at": RECORDED, "event_id": "attestation/1",
    }  # fmt: skip
    return attest(root, model or a_model(), SYSTEM, **{**fields, **changes})


def statements(root):
    with Ledger.open(root / "ledger.db") as ledger:
        return ledger.statements(SYSTEM)


def a_recorded_drill(root):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append(published(a_drill(), "run-1/record/0", run_id="run-1"))
        ledger.append(finished("run-1"))
    return digest_of(a_drill())


def test_what_is_said_stands_on_the_ledger_as_it_was_returned(tmp_path):
    said = say(tmp_path)

    assert statements(tmp_path) == (said,)
    assert said.record.text == TEXT
    assert said.record.assurance == "asserted"
    assert said.actor == "person:m-ito"


def test_it_holds_for_half_a_year_unless_told_otherwise(tmp_path):
    half_a_year = say(tmp_path)
    a_month = say(tmp_path, valid_days=30, event_id="attestation/2")

    # 180 days from 2013-07-22: 9 left in July, 31 + 30 + 31 + 30 + 31 to the end of December, 18.
    assert half_a_year.record.expires == datetime(2014, 1, 18, 8, tzinfo=UTC)
    assert a_month.record.expires == datetime(2013, 8, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("topic", "files"),
    [
        ("ownership", ["ownership.yaml", "system.yaml"]),
        ("decisions", ["decisions.yaml"]),
        ("access", []),
        ("handoff", []),
        ("attendance", []),
    ],
)
def test_a_topic_is_pinned_to_the_claim_files_that_are_there(tmp_path, topic, files):
    system = a_system()

    said = say(tmp_path, a_model(system), topic=topic)

    assert [ref.file for ref in said.record.claims] == files
    assert set(said.record.claims) <= set(system.claim_refs())


def test_a_deputy_may_speak_as_owner(tmp_path):
    assert say(tmp_path, person="a-roy").record.person == "a-roy"


@pytest.mark.parametrize("topic", ["ownership", "decisions"])
def test_nobody_else_may_speak_as_owner(tmp_path, topic):
    with pytest.raises(UsageError, match="k-berg is neither accountable") as refused:
        say(tmp_path, person="k-berg", topic=topic)

    assert refused.value.problems[0].remedy == "let m-ito or a-roy say it"
    assert not (tmp_path / "ledger.db").exists()


def test_anybody_who_works_here_may_speak_on_other_topics(tmp_path):
    assert say(tmp_path, person="k-berg", topic="access").record.person == "k-berg"


def test_a_system_that_nobody_owns_has_nobody_to_speak_as_owner(tmp_path):
    model = a_model(a_system(ownership=None))

    with pytest.raises(UsageError, match="nobody owns this system yet"):
        say(tmp_path, model)


def test_a_person_who_is_not_in_the_workbook_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(UsageError, match="there is nobody 'm-itoo'") as refused:
        say(tmp_path, person="m-itoo")

    assert refused.value.problems[0].remedy == "did you mean m-ito?"


def test_a_person_who_left_is_refused(tmp_path):
    with pytest.raises(UsageError, match="l-past works here from 2012-01-01 to 2013-01-31"):
        say(tmp_path, person="l-past", topic="attendance")


def test_a_person_speaks_on_the_last_day_at_work(tmp_path):
    last_day = datetime(2013, 1, 31, 8, tzinfo=UTC)

    assert say(tmp_path, person="l-past", topic="attendance", as_of=last_day).seq == 0


def test_a_system_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no system 'flight-dealy'"):
        attest(
            tmp_path, a_model(), "flight-dealy", topic="ownership", person="m-ito", text=TEXT,
            as_of=AS_OF, recorded_at=RECORDED, event_id="attestation/1",
        )  # fmt: skip


def test_to_speak_about_files_that_are_not_there_is_refused(tmp_path):
    model = a_model(a_system(decisions=None))

    with pytest.raises(UsageError, match=r"there is no systems/flight-delay/decisions\.yaml"):
        say(tmp_path, model, topic="decisions")


def test_a_witness_names_the_record_of_this_system_that_was_seen(tmp_path):
    drill = a_recorded_drill(tmp_path)

    said = say(tmp_path, topic="witness", person="k-berg", of=drill)

    assert said.record.of == drill
    assert said.record.claims == ()
    assert said.seq == 2


def test_a_witness_who_names_no_record_is_refused(tmp_path):
    with pytest.raises(UsageError, match="a witness speaks about one record"):
        say(tmp_path, topic="witness")


def test_a_record_that_this_system_does_not_have_is_refused(tmp_path):
    a_recorded_drill(tmp_path)

    with pytest.raises(UsageError, match="no statement about flight-delay has the digest"):
        say(tmp_path, topic="witness", of="sha256:" + "0" * 64)

    assert len(statements(tmp_path)) == 1


def test_a_record_of_a_run_that_never_finished_cannot_be_witnessed(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", create=True) as ledger:
        ledger.append(published(a_drill(), "run-1/record/0", run_id="run-1"))

    with pytest.raises(UsageError, match="no statement"):
        say(tmp_path, topic="witness", of=digest_of(a_drill()))


def test_a_witness_before_anything_was_recorded_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="there is no ledger"):
        say(tmp_path, topic="witness", of="sha256:" + "0" * 64)


@pytest.mark.parametrize("of", ["", "sha256:", "md5:" + "0" * 64, "sha256:" + "G" * 64])
def test_what_is_no_digest_is_refused(tmp_path, of):
    with pytest.raises(UsageError, match="is no digest"):
        say(tmp_path, topic="witness", of=of)


@pytest.mark.parametrize("text", ["", "yes", " " * 40, "nineteen characters", "x" * 4001])
def test_words_that_are_too_few_or_too_many_are_refused(tmp_path, text):
    with pytest.raises(UsageError, match="expected 20 to 4000"):
        say(tmp_path, text=text)


@pytest.mark.parametrize(
    "contact",
    [
        "m.ito@example.org", "m.ito+ops@mail.example.co.uk", "+49 170 1234567", "+491701234567",
        "(0170) 123 45 67", "0170/1234567", "030-901820", "555-123-4567", "(555) 123 4567",
    ],
)  # fmt: skip
def test_words_that_hold_a_contact_are_refused(tmp_path, contact):
    with pytest.raises(UsageError, match="e-mail address or a phone number"):
        say(tmp_path, text=f"In the night reach me at {contact} please.")

    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.parametrize(
    "words",
    [
        "On 2013-07-22 at 08:00 I saw it.",
        "Seen at 2013-07-22T08:00:00Z, 120 requests.",
        "It took 41.53 s; 336776 rows, 0.000125 lost.",
        "We served 10000000 requests at 99.95 % or better.",
        "Record sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945.",
        "Run 20260302T080000Z-1f2e3d4c, cells 3 to 12.",
    ],
)
def test_dates_counts_and_digests_are_no_contacts(tmp_path, words):
    assert say(tmp_path, text=words).record.text == words


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_term_that_makes_no_sense_is_refused(tmp_path, days):
    with pytest.raises(UsageError, match="expected 1 to 365"):
        say(tmp_path, valid_days=days)


def test_saying_it_again_with_the_same_id_adds_nothing(tmp_path):
    first = say(tmp_path)
    again = say(tmp_path)

    assert again == first
    assert len(statements(tmp_path)) == 1


def test_a_word_dated_ahead_of_the_clock_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be dated ahead"):
        say(tmp_path, as_of=RECORDED + timedelta(seconds=1))
