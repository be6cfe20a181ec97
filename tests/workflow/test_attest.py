"""What a person may put on the ledger, and what it is pinned to."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from ops_model.domain.evidence import OwnerKnowledge
from ops_model.domain.incidents import Incident
from ops_model.domain.ownership import Domains, Handoff, HandoffItem, Ownership
from ops_model.domain.rollback import RollbackPlan
from ops_model.domain.signers import Signer
from ops_model.domain.system import FailureMode
from ops_model.domain.values import claim_digest, digest_of
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import LedgerError, UsageError
from ops_model.store.ledger import Ledger
from ops_model.workflow.attest import attest, left_to_say
from tests.store.ledger_events import AS_OF, RECORDED, SYSTEM, a_drill, finished, published
from tests.workflow.attest_samples import a_model, a_system

TEXT = "I know how this service fails, and I answer for it."
NOW = AS_OF + timedelta(hours=1)
"""The wall clock of most tests: somebody says something and it is recorded."""


KNOWLEDGE = OwnerKnowledge(
    purpose="It says which flights will be late.", training="Boosted trees on a year of flights.",
    failure_modes=("stale-weather",),
)  # fmt: skip
OWED = {
    "knowledge": {"knowledge": KNOWLEDGE}, "access": {"action": "rollback"},
    "handoff": {"handoff": "summer"},
}  # fmt: skip


def a_handed_over_system(**changes):
    """A system with two failure modes, whose deputy is to take over from its owner."""
    system = a_system()
    modes = tuple(
        FailureMode(id=mode, description="It is late.", kind="stale_data")
        for mode in ("stale-weather", "wrong-airport")
    )
    ownership = Ownership(
        accountable="m-ito", deputy="a-roy",
        domains=Domains(reliability="k-berg"),
        handoffs=(
            Handoff(
                id="summer", outgoing="m-ito", incoming="a-roy", effective="2013-08-01",
                items=(HandoffItem(topic="purpose", evidence="system.yaml"),),
            ),
        ),
    )  # fmt: skip
    identity = system.identity.model_copy(update={"failure_modes": modes})
    return system.model_copy(update={"identity": identity, "ownership": ownership, **changes})


def say(root, model=None, **changes):
    fields = {
        "topic": "ownership", "person": "m-ito", "text": TEXT, "as_of": AS_OF,
        "recorded_at": NOW, "event_id": "attestation/1",
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
        ("knowledge", ["system.yaml"]),
        ("access", []),
        ("handoff", []),
    ],
)
def test_a_topic_is_pinned_to_the_claim_files_that_are_there(tmp_path, topic, files):
    system = a_handed_over_system()

    said = say(tmp_path, a_model(system), topic=topic, **OWED.get(topic, {}))

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


def test_anybody_who_works_here_may_show_their_own_access(tmp_path):
    said = say(tmp_path, person="k-berg", topic="access", action="query_logs", seconds=12.5)

    assert (said.record.person, said.record.action) == ("k-berg", "query_logs")
    assert (said.record.seconds.value, said.record.seconds.n) == (12.5, 1)
    assert said.record.seconds.complete


@pytest.mark.parametrize("seconds", [0, -1, 86400])
def test_an_access_that_took_no_time_or_a_day_is_refused(tmp_path, seconds):
    with pytest.raises(UsageError, match="expected more than 0, up to a day"):
        say(tmp_path, topic="access", action="rollback", seconds=seconds)


def test_access_without_an_action_is_refused_with_the_actions_that_there_are(tmp_path):
    with pytest.raises(UsageError, match="one action that one took oneself") as refused:
        say(tmp_path, topic="access")

    assert "query_logs" in refused.value.problems[0].remedy


def test_what_a_topic_has_no_use_for_is_refused_with_the_topic_that_has(tmp_path):
    with pytest.raises(UsageError, match="decisions has no use for --action") as refused:
        say(tmp_path, topic="decisions", action="rollback")

    assert refused.value.problems[0].remedy == "leave it out, or say access"


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
        say(tmp_path, person="l-past", topic="access", action="rollback")


def test_a_person_speaks_on_the_last_day_at_work(tmp_path):
    last_day = datetime(2013, 1, 31, 8, tzinfo=UTC)

    said = say(
        tmp_path, person="l-past", topic="access", action="rollback", as_of=last_day,
        recorded_at=last_day + timedelta(hours=1),
    )  # fmt: skip

    assert said.seq == 0


def test_nobody_who_has_left_speaks_by_dating_the_word_back(tmp_path):
    last_day = datetime(2013, 1, 31, 8, tzinfo=UTC)

    with pytest.raises(UsageError, match="to 2013-01-31, not on 2026-03-02"):
        say(
            tmp_path, person="l-past", topic="access", action="rollback", as_of=last_day,
            recorded_at=RECORDED,
        )  # fmt: skip

    assert not (tmp_path / "ledger.db").exists()


def test_in_a_workbook_that_pins_its_instant_only_that_counts(tmp_path):
    last_day = datetime(2013, 1, 31, 8, tzinfo=UTC)
    settings = WorkbookSettings(name="Test", zone="UTC", as_of=last_day)
    replay = a_model().model_copy(update={"settings": settings})

    said = say(
        tmp_path, replay, person="l-past", topic="access", action="rollback", as_of=last_day,
        recorded_at=RECORDED,
    )  # fmt: skip

    assert said.actor == "person:l-past"


def test_an_owners_knowledge_stands_on_the_record(tmp_path):
    said = say(tmp_path, a_model(a_handed_over_system()), topic="knowledge", knowledge=KNOWLEDGE)

    assert said.record.knowledge == KNOWLEDGE


def test_the_failure_modes_that_an_owner_leaves_out_are_said(tmp_path):
    model = a_model(a_handed_over_system())

    said = say(tmp_path, model, topic="knowledge", knowledge=KNOWLEDGE)

    assert left_to_say(tmp_path, model, said) == ("says nothing of wrong-airport",)


def test_nobody_else_may_state_what_the_owner_knows(tmp_path):
    with pytest.raises(UsageError, match="k-berg is neither accountable"):
        say(
            tmp_path, a_model(a_handed_over_system()), topic="knowledge", knowledge=KNOWLEDGE,
            person="k-berg",
        )  # fmt: skip


def test_a_failure_mode_that_nobody_declared_is_refused_with_the_nearest(tmp_path):
    wrong = KNOWLEDGE.model_copy(update={"failure_modes": ("stale-wether",)})

    with pytest.raises(UsageError, match="no failure mode 'stale-wether'") as refused:
        say(tmp_path, a_model(a_handed_over_system()), topic="knowledge", knowledge=wrong)

    assert refused.value.problems[0].remedy == "did you mean stale-weather?"


def test_an_owner_who_knows_no_failure_mode_is_refused(tmp_path):
    none = KNOWLEDGE.model_copy(update={"failure_modes": ()})

    with pytest.raises(UsageError, match="an owner knows how the system fails"):
        say(tmp_path, a_model(a_handed_over_system()), topic="knowledge", knowledge=none)


def test_knowledge_that_holds_a_contact_is_refused(tmp_path):
    leaky = KNOWLEDGE.model_copy(update={"training": "Ask m.ito@example.org."})

    with pytest.raises(UsageError, match="e-mail address or a phone number"):
        say(tmp_path, a_model(a_handed_over_system()), topic="knowledge", knowledge=leaky)


def test_a_handoff_is_accepted_by_its_own_text_and_by_no_file(tmp_path):
    system = a_handed_over_system()

    said = say(tmp_path, a_model(system), topic="handoff", handoff="summer")

    assert said.record.of == system.ownership.handoffs[0].digest()
    assert (said.record.handoff, said.record.claims) == ("summer", ())


def test_after_each_word_it_is_said_who_accepted_a_handoff_and_who_still_has_to(tmp_path):
    model = a_model(a_handed_over_system())

    first = say(tmp_path, model, topic="handoff", handoff="summer")
    left = left_to_say(tmp_path, model, first)
    second = say(
        tmp_path, model, topic="handoff", handoff="summer", person="a-roy", event_id="a/2"
    )

    assert left == ("accepted by m-ito", "still to accept: a-roy")
    assert left_to_say(tmp_path, model, second) == (
        "accepted by m-ito, a-roy",
        "nobody else has to accept it",
    )


def test_an_acceptance_without_the_key_that_its_speaker_has_is_nobodys(tmp_path):
    model = a_model(a_handed_over_system())
    say(tmp_path, model, topic="handoff", handoff="summer")
    keyed = model.model_copy(update={"signers": (Signer(person="m-ito", key="ssh-ed25519 AAAA"),)})

    second = say(
        tmp_path, keyed, topic="handoff", handoff="summer", person="a-roy", event_id="a/2"
    )

    assert left_to_say(tmp_path, keyed, second) == ("accepted by a-roy", "still to accept: m-ito")


def test_who_is_accountable_accepts_a_handoff_between_two_others(tmp_path):
    system = a_handed_over_system()
    ownership = system.ownership.model_copy(update={"accountable": "k-berg"})
    model = a_model(a_handed_over_system(ownership=ownership))

    said = say(tmp_path, model, topic="handoff", handoff="summer", person="k-berg")

    assert left_to_say(tmp_path, model, said)[1] == "still to accept: m-ito, a-roy"


def test_a_third_person_cannot_accept_a_handoff(tmp_path):
    with pytest.raises(UsageError, match="k-berg neither hands over nor takes over") as refused:
        say(
            tmp_path, a_model(a_handed_over_system()), topic="handoff", handoff="summer",
            person="k-berg",
        )  # fmt: skip

    assert "let m-ito and a-roy accept it" in refused.value.problems[0].remedy


def test_a_handoff_that_there_is_not_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(UsageError, match="there is no handoff 'sumer'") as refused:
        say(tmp_path, a_model(a_handed_over_system()), topic="handoff", handoff="sumer")

    assert refused.value.problems[0].remedy == "did you mean summer?"


def test_an_accepted_handoff_that_was_rewritten_has_to_be_accepted_again(tmp_path):
    system = a_handed_over_system()
    say(tmp_path, a_model(system), topic="handoff", handoff="summer")
    later = system.ownership.handoffs[0].model_copy(update={"effective": date(2013, 9, 1)})
    ownership = system.ownership.model_copy(update={"handoffs": (later,)})
    rewritten = a_model(a_handed_over_system(ownership=ownership))

    said = say(
        tmp_path, rewritten, topic="handoff", handoff="summer", person="a-roy", event_id="a/2"
    )

    assert left_to_say(tmp_path, rewritten, said) == (
        "accepted by a-roy",
        "still to accept: m-ito",
    )


def test_an_owner_confirms_every_text_of_the_system_unless_files_are_named(tmp_path):
    system = a_handed_over_system()

    everything = say(tmp_path, a_model(system), topic="claims")
    one = say(
        tmp_path, a_model(system), topic="claims", event_id="a/2",
        files=("systems/flight-delay/decisions.yaml",),
    )  # fmt: skip

    assert everything.record.claims == system.claim_refs()
    assert one.record.claims == system.claim_refs("decisions")


def test_who_answers_for_a_domain_confirms_its_files_and_no_others(tmp_path):
    plan = RollbackPlan(
        from_version="v2", to_version="v1", author="a-roy", steps=(), feature_spec_compatible=True
    )
    system = a_handed_over_system(rollback=plan)
    model = a_model(system)

    said = say(tmp_path, model, topic="claims", person="k-berg", files=("rollback.yaml",))
    with pytest.raises(
        UsageError, match=r"reliability only, not for .*ownership\.yaml"
    ) as refused:
        say(tmp_path, model, topic="claims", person="k-berg")

    assert said.record.claims == system.claim_refs("rollback")
    assert refused.value.problems[0].remedy == (
        "name rollback.yaml with --file, or let m-ito or a-roy say it"
    )


def test_a_file_that_there_is_not_cannot_be_confirmed(tmp_path):
    with pytest.raises(UsageError, match=r"there is no 'decision\.yaml'") as refused:
        say(tmp_path, topic="claims", files=("decision.yaml",))

    assert refused.value.problems[0].remedy == "did you mean decisions.yaml?"


def test_an_incident_is_confirmed_by_its_own_file(tmp_path):
    incident = Incident(
        id="late-feed", title="Late feed", severity="sev3", state="closed", detected_by="staff",
        detected_at="2013-07-01T00:00:00Z",
    )  # fmt: skip
    system = a_handed_over_system(incidents=(incident,))

    said = say(
        tmp_path, a_model(system), topic="claims", person="k-berg",
        files=("incidents/late-feed.yaml",),
    )  # fmt: skip

    assert [ref.digest for ref in said.record.claims] == [claim_digest(incident)]


def test_a_system_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no system 'flight-dealy'"):
        attest(
            tmp_path, a_model(), "flight-dealy", topic="ownership", person="m-ito", text=TEXT,
            as_of=AS_OF, recorded_at=NOW, event_id="attestation/1",
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
    assert said.seq == statements(tmp_path)[-1].seq


def test_who_performed_a_drill_is_no_witness_of_it(tmp_path):
    drill = a_recorded_drill(tmp_path)

    with pytest.raises(UsageError, match="ledger:0: m-ito performed this drill"):
        say(tmp_path, topic="witness", of=drill)


def test_who_wrote_the_plan_is_no_witness_of_its_drill(tmp_path):
    drill = a_recorded_drill(tmp_path)
    plan = RollbackPlan(
        from_version="v2", to_version="v1", author="a-roy", steps=(), feature_spec_compatible=True
    )

    with pytest.raises(UsageError, match="a-roy wrote the plan of this drill"):
        say(tmp_path, a_model(a_system(rollback=plan)), topic="witness", person="a-roy", of=drill)


def test_who_built_the_version_is_no_witness_of_its_drill(tmp_path):
    drill, system = a_recorded_drill(tmp_path), a_system()
    version = system.identity.version.model_copy(update={"trained_by": ("k-berg",)})
    model = a_model(a_system(identity=system.identity.model_copy(update={"version": version})))

    with pytest.raises(UsageError, match="k-berg is among those who built the") as refused:
        say(tmp_path, model, topic="witness", person="k-berg", of=drill)

    assert refused.value.problems[0].where == "ledger:0"
    assert "did not build the version" in refused.value.problems[0].remedy
    assert len(statements(tmp_path)) == 1


@pytest.mark.parametrize(
    ("tier", "signers", "why"),
    [
        ("A", (), "flight-delay is of tier A"),
        ("B", (Signer(person="m-ito", key="ssh-ed25519 AAAA"),), "allowed_signers holds keys"),
    ],
)
def test_a_witness_who_has_to_sign_is_refused_without_a_key(tmp_path, tier, signers, why):
    drill, system = a_recorded_drill(tmp_path), a_system()
    tiered = system.identity.model_copy(update={"tier": tier})
    model = a_model(a_system(identity=tiered)).model_copy(update={"signers": signers})

    with pytest.raises(UsageError) as refused:
        say(tmp_path, model, topic="witness", person="k-berg", of=drill)

    told = refused.value.problems[0]
    assert f"the word of k-berg is not signed, and {why}" in told.message
    assert "expected --key" in told.message
    assert "a key that is enrolled for k-berg in allowed_signers" in told.remedy
    assert len(statements(tmp_path)) == 1


def test_who_was_there_speaks_of_a_drill_of_this_system(tmp_path):
    drill = a_recorded_drill(tmp_path)

    said = say(tmp_path, topic="attendance", of=drill)

    assert (said.record.of, said.record.claims) == (drill, ())


def test_nobody_attends_what_is_no_drill(tmp_path):
    word = say(tmp_path)

    with pytest.raises(UsageError, match="is no drill but of kind attestation"):
        say(tmp_path, topic="attendance", of=word.digest, event_id="a/2")


def test_attendance_without_a_drill_is_refused(tmp_path):
    with pytest.raises(UsageError, match="speaks about one drill, and none is named"):
        say(tmp_path, topic="attendance")


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


@pytest.mark.parametrize(
    "text",
    ["", "yes", " " * 40, "nineteen characters", "x" * 4001, "." * 40, "I own" + " " * 40 + "it.",
     "yes" + "\u200d" * 40, "yes" + "\u0301" * 40],
)  # fmt: skip
def test_words_that_are_too_few_or_too_many_are_refused(tmp_path, text):
    with pytest.raises(UsageError, match="expected 20 to 4000"):
        say(tmp_path, text=text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes yes yes yes yes yes yes", "repeats itself: it has 1 word; expected at least 3"),
        ("Right, right. It is right: it IS right; it is.", ""),
        ("okay, fine, okay, fine, okay", "repeats itself: it has 2 words; expected at least 3"),
        ("to be decided, to be decided", "holds nothing but empty phrases"),
        ("n/a none n/a none n/a none n/a", "holds nothing but empty phrases"),
        ("เป็นเจ้าของระบบนี้ตลอดวันตลอดคืน", ""),
    ],
)
def test_words_that_are_only_said_again_or_say_nothing_are_refused(tmp_path, text, said):
    if not said:
        assert say(tmp_path, text=text)
        return
    with pytest.raises(UsageError, match=said):
        say(tmp_path, text=text)

    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.parametrize(
    "contact",
    [
        "m.ito@example.org", "m.ito+ops@mail.example.co.uk", "+49 170 1234567", "+491701234567",
        "(0170) 123 45 67", "0170/1234567", "030-901820", "555-123-4567", "(555) 123 4567",
        "ito (at) example.com", "ito[AT]example[dot]org", "phone: 555-1234",
    ],
)  # fmt: skip
def test_words_that_hold_a_contact_are_refused(tmp_path, contact):
    with pytest.raises(UsageError, match="e-mail address or a phone number"):
        say(tmp_path, text=f"In the night reach me at {contact} please.")

    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ("\x07", "the control character U+0007"), ("\u202e", "the control character U+202E"),
        ("\u200b", "the invisible character U+200B"),
        ("\u3164", "the invisible character U+3164"),
    ],
)  # fmt: skip
def test_words_that_hold_what_nobody_sees_are_refused(tmp_path, hidden, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        say(tmp_path, text=f"{TEXT}{hidden}!")
    with pytest.raises(UsageError, match=re.escape(said)):
        say(
            tmp_path, a_model(a_handed_over_system()), topic="knowledge",
            knowledge=KNOWLEDGE.model_copy(update={"training": f"A{hidden}"}),
        )  # fmt: skip


def test_words_that_hold_a_password_are_refused_without_repeating_it(tmp_path):
    with pytest.raises(UsageError) as refused:
        say(tmp_path, text="It alerts by mailto://ops:hunter2secret@smtp.example.com at night.")

    assert "an address with a password" in str(refused.value)
    assert "hunter2secret" not in str(refused.value)
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
        say(tmp_path, as_of=NOW + timedelta(seconds=1))


def test_a_word_dated_back_is_refused_since_it_is_said_now(tmp_path):
    with pytest.raises(UsageError, match="cannot be dated back"):
        say(tmp_path, as_of=NOW - timedelta(days=1, seconds=1))

    assert say(tmp_path, as_of=NOW - timedelta(days=1)).seq == 0
