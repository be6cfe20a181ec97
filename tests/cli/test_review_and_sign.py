"""`ops-model review` and `ops-model sign` as people meet them, with real SSH keys."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops_model.cli.attest import command as attest_command
from ops_model.cli.check import command as check_command
from ops_model.domain.evidence import LedgerEvent
from ops_model.errors import IntegrityError
from ops_model.store.ledger import Ledger
from tests.builders import AREAS, PEOPLE, a_rollback_drill, a_system
from tests.checks.test_detection import INCIDENT
from tests.cli import reviewing
from tests.cli.reviewing import (
    MEANING,
    SEATED,
    SYSTEM,
    enrol,
    entries,
    pack,
    refusal,
    review,
    sign,
)
from tests.store.ledger_events import as_appended

REVIEW = AREAS["decisions"]["review"]


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """Key files by name."""
    return reviewing.keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def frozen(tmp_path_factory, of):
    return reviewing.a_review(tmp_path_factory.mktemp("review") / "workbook", of)


@pytest.fixture
def root(frozen, tmp_path):
    return Path(shutil.copytree(frozen, tmp_path / "workbook"))


def decided(root, of, **decisions):
    for seat, person in SEATED.items():
        result = sign(root, seat, key=of[person], decision=decisions.get(seat, "approve"))
        assert result.exit_code == 0, result.output + repr(result.exception)
    return json.loads(review(root, "--json").stdout)


def rewrite(root, file, **changes):
    """Change keys of a JSON file of the workbook."""
    path = root / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_review_shows_what_is_decided_on_who_decides_and_how(root):
    result = review(root)

    assert result.exit_code == 0
    assert f"Review of {SYSTEM} v2: open" in result.stdout
    assert "verdict without the review's own checks: DEMO ONLY" in result.stdout
    assert "product: Fay Product (fay-product), not decided" in result.stdout
    assert "who built it and may not decide: cy-data" in result.stdout
    assert f"ops-model sign {SYSTEM} --as product --decision approve" in result.stdout


def test_a_pack_that_holds_is_shown_and_not_frozen_again(root):
    before = entries(root)

    first, again = json.loads(review(root, "--json").stdout), review(root, "--json", "--anew")

    assert entries(root)[: len(before)] == before
    assert not first["frozen"]
    assert json.loads(again.stdout)["frozen"]
    assert set(first) >= {"pack_digest", "verdict", "seats", "quorum", "state", "stale_because"}
    assert {"seat", "person", "decision", "at", "assurance", "state"} <= set(first["seats"][0])


def test_three_seats_sign_and_the_review_is_approved(root, of):
    told = decided(root, of)

    assert (told["quorum"], told["state"]) == (True, "approved")
    assert [s["assurance"] for s in told["seats"]] == ["signed"] * 3
    assert told["seats"][0]["until"] == "2013-10-20T08:00:00Z"
    assert "product: fay-product approved on 2013-07-22" in finding(root, "REV-05")["message"]
    assert "3 of them decided on v2" in finding(root, "REV-01")["message"]


def test_the_meaning_is_kept_beside_the_ledger_and_is_not_in_it(root, of):
    assert sign(root, key=of["fay-product"]).exit_code == 0

    with Ledger.open(root / "ledger.db", readonly=True) as ledger:
        body = as_appended(list(ledger.events())[-1]).model_dump_json()
        told = ledger.statements(SYSTEM)[-1].record
    assert MEANING not in body
    assert told.meaning == MEANING


@pytest.mark.parametrize(
    ("decision", "state"), [("no-go", "refused"), ("abstain", "abstained")]
)  # fmt: skip
def test_a_seat_may_refuse_or_abstain(root, of, decision, state):
    result = sign(root, key=of["fay-product"], decision=decision)

    assert result.exit_code == 0
    assert f"    {state}: fay-product" in result.stdout


def test_a_decision_is_taken_back_by_whoever_gave_it(root, of):
    told = decided(root, of)
    digest = told["seats"][0]["digest"]
    back = {"as": None, "decision": None, "revoke": digest}

    def taken_back(key, **more):
        flags = {**back, "key": of[key], **more}
        given = [f for n, v in flags.items() if v is not None for f in (f"--{n}", str(v))]
        return reviewing.run(
            reviewing.sign_command, root, "--meaning", "I had not seen the last drill.", *given
        )

    assert "the key is that of bo-li, not of fay-product" in refusal(taken_back("bo-li"))
    assert "--revoke has no use for --as" in refusal(
        taken_back("fay-product", **{"as": "product"})
    )
    assert "no decision on flight-delay has the digest" in (
        refusal(taken_back("fay-product", revoke="sha256:" + "0" * 64))
    )
    assert taken_back("fay-product").exit_code == 0
    after = json.loads(review(root, "--json").stdout)
    assert (after["quorum"], after["state"]) == (False, "open")
    assert "it was taken back before" in refusal(taken_back("fay-product"))
    # What people sign is theirs: it is no observation, and none that is weak.
    assert finding(root, "EVD-02")["reason"] == "missing"


def refused(root, of, said, **given):
    before = len(entries(root))
    told = refusal(sign(root, **{"key": of["fay-product"], **given}))
    assert said in told
    assert len(entries(root)) == before


def test_a_key_that_would_not_count_is_refused_before_it_signs(root, of):
    refused(root, of, "the key is enrolled for nobody in allowed_signers", key=of["mallory"])
    refused(root, of, "the key is that of bo-li, not of fay-product", key=of["bo-li"])
    refused(root, of, "cannot be read", key=root / "missing")
    enrol(root, of, fay_product='namespaces="git"')
    refused(root, of, "the key is enrolled for git, and not for ops-model-signoff-v1")
    enrol(root, of, fay_product='valid-before="20200101Z"')
    refused(root, of, "the key was enrolled until 2020-01-01T00:00:00Z")
    enrol(root, of, fay_product='valid-after="20990101Z"')
    refused(root, of, "the key is enrolled only from 2099-01-01T00:00:00Z")
    enrol(root, of)
    line = " ".join((root / "allowed_signers").read_text().splitlines()[0].split()[2:])
    (root / "revoked_keys").write_text(f"{line}\n")
    refused(root, of, "the key stands in revoked_keys")


def test_whoever_has_a_key_signs_with_it_and_nobody_decides_without_a_proof(root, of):
    refused(root, of, "fay-product has an enrolled key; expected --key", key=None)
    refused(root, of, "fay-product has an enrolled key; expected --key", key=None, ref="GOV-118")
    refused(root, of, "a key and a reference are given", ref="GOV-118")
    enrol(root, of, "bo-li")
    refused(root, of, "nothing shows who decided; expected --key, or --ref", key=None)


def test_at_tier_b_one_seat_is_decided_by_reference_and_no_more(root, of):
    (root / "allowed_signers").unlink()

    first = sign(root, ref="GOV-118, minutes of 12 May")

    assert first.exit_code == 0, first.exception
    assert "approve on 2013-07-22, referenced" in first.stdout
    refused(root, of, "1 of the seats may be decided by reference at tier B (product is)",
            seat="compliance", key=None, ref="GOV-119")  # fmt: skip
    refused(root, of, "--ref does not say where it was decided", key=None, ref="x")
    refused(root, of, "a contact", key=None, ref="mail of jo@example.org")


def test_at_tier_a_every_seat_signs(tmp_path, of):
    root = reviewing.a_review(
        tmp_path / "workbook", of, identity={**AREAS["identity"], "tier": "A"}
    )
    (root / "allowed_signers").unlink()

    refused(
        root, of, "0 of the seats may be decided by reference at tier A", key=None, ref="GOV-1"
    )


def test_who_may_not_sit_there_is_refused(root, of):
    refused(root, of, "bo-li has not the seat of product; expected fay-product",
            person="bo-li", key=of["bo-li"])  # fmt: skip
    refused(root, of, "there is nobody 'zed' in people.yaml", person="zed")
    people = [
        {**p, "team": "model-team"} if p["id"] == "fay-product" else p for p in PEOPLE["people"]
    ]
    rewrite(root, "people.yaml", people=people)
    refused(root, of, "fay-product is among those who built v2")
    people = [
        {**p, "function": "finance"} if p["id"] == "fay-product" else p for p in PEOPLE["people"]
    ]
    rewrite(root, "people.yaml", people=people)
    refused(root, of, "fay-product works in finance; the seat of product expects business or")
    people = [
        {**p, "active_to": "2013-07-01"} if p["id"] == "fay-product" else p
        for p in PEOPLE["people"]
    ]
    rewrite(root, "people.yaml", people=people)
    refused(root, of, "fay-product works here from")


def test_whoever_took_the_seat_since_asks_for_a_new_pack(root, of):
    seats = [
        {**seat, "person": "gus-desk"} if seat["seat"] == "product" else seat
        for seat in REVIEW["seats"]
    ]
    fay = next(p for p in PEOPLE["people"] if p["id"] == "fay-product")
    gus = {**fay, "id": "gus-desk", "name": "Gus Desk"}
    digest = pack(root)
    rewrite(root, "people.yaml", people=[*PEOPLE["people"], gus])
    rewrite(root, f"systems/{SYSTEM}/decisions.yaml", review={**REVIEW, "seats": seats})
    shutil.copy(of["mallory"], root.parent / "gus")
    (root / "allowed_signers").write_text(
        "gus-desk " + " ".join(of["mallory"].with_suffix(".pub").read_text().split()[:2]) + "\n"
    )

    refused(root, of, "gus-desk has the seat of product only since the pack was frozen",
            person="gus-desk", key=of["mallory"], pack=digest)  # fmt: skip
    assert review(root, "--anew").exit_code == 0
    assert sign(root, person="gus-desk", key=of["mallory"]).exit_code == 0


def test_another_pack_than_the_present_one_and_a_stale_one_are_refused(root, of):
    first = pack(root)
    refused(root, of, "--pack names sha256:000000000000; the present one is",
            pack="sha256:000000000000")  # fmt: skip
    refused(root, of, "--pack names", pack=first[:12])
    assert sign(root, key=of["fay-product"], pack=first[:24]).exit_code == 0
    version = {**AREAS["identity"]["version"], "code_commit": "abcdef0"}
    rewrite(root, f"systems/{SYSTEM}/system.yaml", version=version)

    refused(root, of, "the pack is stale: what was signed is not v2, and system.yaml does not",
            pack=first)  # fmt: skip
    told = json.loads(review(root, "--json").stdout)
    assert told["frozen"]
    assert told["seats"][0]["state"] == "void"


def test_a_worse_drill_makes_the_pack_stale(root, of):
    drill = a_rollback_drill(a_system(), passed=True)
    told = [drill, drill.model_copy(update={"passed": False})]
    with_drill(root, told[0])
    assert review(root, "--anew").exit_code == 0
    digest = pack(root)
    with_drill(root, told[1])

    refused(root, of, "the pack is stale: the rollback drill at ledger:", pack=digest)


def with_drill(root, record):
    from ops_model.workflow.assess import told_by_tool

    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(told_by_tool(record, ledger.size(), datetime.now(UTC)))


def test_too_few_words_too_long_a_term_and_conditions_that_nobody_wrote_are_refused(root, of):
    refused(root, of, "visible characters", meaning="ok")
    refused(
        root, of, "an e-mail address or a phone number", meaning="Ask jo@example.org about it."
    )
    refused(root, of, "it shall hold 181 days; expected 1 to 180", days=181)
    refused(root, of, "approved with conditions, and decisions.yaml holds none",
            decision="conditions")  # fmt: skip
    refused(root, of, "a decision needs --as with the seat and --decision", decision=None)


def test_a_review_that_is_closed_or_has_no_seats_is_refused(root, of):
    digest, file = pack(root), f"systems/{SYSTEM}/decisions.yaml"
    rewrite(root, file, review={**REVIEW, "opened_at": None})
    refused(root, of, "the review of flight-delay was never opened", pack=digest)
    rewrite(root, file, review={**REVIEW, "opened_at": "2014-01-01T00:00:00Z"})
    assert "opens only on 2014-01-01" in refusal(review(root))
    rewrite(root, file, review={**REVIEW, "seats": []})
    assert "nobody is seated to review flight-delay" in refusal(review(root))


def test_nothing_is_decided_before_a_pack_is_frozen(tmp_path, of):
    from tests.builders import a_workbook

    root = tmp_path / "workbook"
    root.mkdir()
    a_workbook(root)
    Ledger.open(root / "ledger.db", create=True).close()

    assert "no review of flight-delay has been frozen yet" in (
        refusal(sign(root, key=of["fay-product"], pack="sha256:" + "0" * 64))
    )


def test_signing_says_what_was_recorded_what_it_replaces_and_how_the_review_stands(root, of):
    first = sign(root, key=of["fay-product"])
    number = len(entries(root)) - 1
    again = sign(root, key=of["fay-product"], decision="no-go")

    assert "recorded: fay-product approves for product, signed with SHA256:" in first.stdout
    assert "takes the place" not in first.stdout
    assert "recorded: fay-product says no for product, signed with SHA256:" in again.stdout
    assert f"; it takes the place of entry {number}\n" in again.stdout
    assert "the review as a whole: refused, by product" in again.stdout


def test_what_the_pack_rests_on_its_conditions_and_where_it_was_decided_are_shown(root, of):
    condition = {
        "id": "drill",
        "text": "Drill it twice.",
        "owner": "ana-ruiz",
        "due": "2013-08-01",
    }
    given = {**REVIEW, "conditions": [condition]}
    rewrite(root, f"systems/{SYSTEM}/decisions.yaml", review=given)
    (root / "allowed_signers").unlink()
    assert sign(root, ref="GOV-118, minutes", decision="conditions").exit_code == 0

    told, text = json.loads(review(root, "--json").stdout), review(root).stdout

    assert {one["kind"] for one in told["rests_on"]} == {"verification", "on_call_coverage"}
    assert set(told["rests_on"][0]) == {"kind", "entry", "digest"}
    assert told["seats"][0]["reference"] == "GOV-118, minutes"
    assert told["seats"][0]["signed_until"] == "2013-10-20T08:00:00Z"
    assert "each by its digest: 1 verification, 1 on call coverage" in text
    assert "decided elsewhere: GOV-118, minutes" in text
    assert "(ana-ruiz) by 2013-08-01: Drill it twice." in text
    assert "when condition drill is overdue (signed until 2013-10-20)" in text


def test_looking_at_an_instant_freezes_and_records_nothing(root):
    before = entries(root)

    shown = review(root, "--as-of", "2013-07-22T08:00:00Z")

    assert shown.exit_code == 0, shown.exception
    assert "nothing is frozen or recorded" in shown.stdout
    assert entries(root) == before
    assert "no review of flight-delay has been frozen yet" in (
        refusal(review(root, "--as-of", "2013-07-01T08:00:00Z"))
    )
    assert "--anew freezes" in refusal(review(root, "--anew", "--as-of", "2013-07-22T08:00:00Z"))


def test_a_stale_pack_says_what_to_do_next(root):
    version = {**AREAS["identity"]["version"], "code_commit": "abcdef0"}
    rewrite(root, f"systems/{SYSTEM}/system.yaml", version=version)

    shown = review(root, "--as-of", "2013-07-22T08:00:00Z").stdout

    assert "Next: `ops-model review flight-delay`, without --as-of, freezes" in shown
    assert "ops-model sign" not in shown


LATE = {"id": "drill", "text": "Drill it twice.", "owner": "ana-ruiz", "due": "2013-07-21"}
MENDED = (
    "ana-ruiz, who owns condition drill, has it met and taken out of decisions.yaml, or prolonged "
    "by a later `due` there"
)


def test_an_overdue_condition_comes_first_with_its_owner_and_no_pack_is_frozen_meanwhile(root, of):
    digest, file = pack(root), f"systems/{SYSTEM}/decisions.yaml"
    rewrite(root, file, review={**REVIEW, "conditions": [LATE]})

    anew = refusal(review(root, "--anew"))
    shown = review(root)
    told = refusal(sign(root, key=of["fay-product"], pack=digest))

    assert "a pack would be stale from the start: condition drill was due on 2013-07-21" in anew
    assert f"to fix: {MENDED}; then run `ops-model review {SYSTEM}`" in anew
    assert shown.exit_code == 0
    assert (
        f"First: {MENDED}\nThen: `ops-model review {SYSTEM}`, without --as-of, shows this pack"
        in shown.stdout
    )
    found = json.loads(review(root, "--json").stdout)
    assert (found["first"], found["pack_digest"], found["frozen"]) == ([MENDED], digest, False)
    assert "the pack is stale: condition drill was due on 2013-07-21 and still stands" in told
    assert f"to fix: {MENDED}; then run `ops-model review {SYSTEM}`, and read" in told
    assert MENDED in finding(root, "REV-05")["remedy"]
    rewrite(root, file, review={**REVIEW, "conditions": [{**LATE, "due": "2013-08-01"}]})
    assert sign(root, key=of["fay-product"], decision="conditions").exit_code == 0


def test_a_stale_pack_is_not_frozen_anew_while_an_incident_of_the_worst_kind_is_open(root):
    incident = {**INCIDENT, "severity": "sev1", "closed_at": None}
    folder = root / "systems" / SYSTEM / "incidents"
    folder.mkdir()
    (folder / f"{incident['id']}.yaml").write_text(json.dumps(incident))
    version = {**AREAS["identity"]["version"], "code_commit": "abcdef0"}
    rewrite(root, f"systems/{SYSTEM}/system.yaml", version=version)

    shown = review(root).stdout

    place = f"systems/{SYSTEM}/incidents/{incident['id']}.yaml"
    assert (
        f"First: the owner closes incident {incident['id']} with `closed_at` in {place}" in shown
    )
    assert f"Then: `ops-model review {SYSTEM}`, without --as-of, freezes what is there" in shown
    assert not json.loads(review(root, "--json").stdout)["frozen"]


def test_a_first_pack_that_would_be_stale_from_the_start_is_refused(tmp_path):
    from tests.builders import a_workbook

    root = tmp_path / "workbook"
    root.mkdir()
    a_workbook(root, decisions={"review": {**REVIEW, "conditions": [LATE]}})

    assert "a pack would be stale from the start: condition drill" in refusal(review(root))


def test_no_command_is_offered_for_a_seat_where_nobody_sits(root):
    seats = [seat for seat in REVIEW["seats"] if seat["seat"] != "compliance"]
    rewrite(root, f"systems/{SYSTEM}/decisions.yaml", review={**REVIEW, "seats": seats})

    shown = review(root, "--anew").stdout

    assert "compliance: nobody is seated; the owner names somebody in decisions.yaml" in shown
    assert "--as compliance" not in shown
    assert "--as product" in shown


def test_a_key_that_is_not_enrolled_is_refused_before_anybody_is_asked(root, of):
    assert (
        "enrolled for nobody" in at_terminal(root, {"fay-product": of["mallory"]}, b"y\n").stderr
    )


def test_without_a_terminal_the_pack_that_was_read_is_named(root, of):
    flags = ["--as", "product", "--decision", "approve", "--meaning", MEANING]

    told = refusal(reviewing.run(reviewing.sign_command, root, *flags, "--key", of["fay-product"]))

    assert "no pack is named, and nobody is there to ask which was read" in told


def test_at_a_terminal_the_pack_is_shown_and_asked_for(root, of):
    """The question is put on standard error, and only a yes signs."""
    digest = pack(root)

    no, yes = at_terminal(root, of, b"n\n"), at_terminal(root, of, b"y\n")

    assert no.returncode == 2
    assert "nothing was recorded" in no.stderr
    assert "Open: 9" in no.stderr
    assert f"Did you read pack {digest}?" in no.stderr
    assert "who built it and may not decide" in no.stderr
    assert yes.returncode == 0, yes.stderr
    assert "approve on 2013-07-22, signed" in yes.stdout


def at_terminal(root, of, answer):
    """Run `ops-model sign` with a terminal as its standard input."""
    ours, theirs = os.openpty()
    os.write(ours, answer)
    given = ["--as", "product", "--decision", "approve", "--meaning", MEANING]
    done = subprocess.run(
        [sys.executable, "-m", "ops_model", "sign", SYSTEM, *given, "--key", of["fay-product"],
         "--workbook", root],
        stdin=theirs, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    return done


def replayed(root):
    """The workbook lives at no pinned instant any more."""
    rewrite(root, "ops-model.yaml", as_of=None)


def test_a_decision_is_dated_neither_ahead_nor_back(root, of):
    replayed(root)
    people = [{**p, "active_from": "2012-01-01"} for p in PEOPLE["people"]]
    rewrite(root, "people.yaml", people=people)
    digest = pack(root)

    ahead = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    refused(root, of, "is still to come", **{"as-of": ahead}, pack=digest)
    behind = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    refused(root, of, "is more than a day before", **{"as-of": behind}, pack=digest)


def test_a_clock_that_was_set_back_is_not_believed(root, of):
    """An entry of next year is on the ledger; the decision is no older than that."""
    later = datetime.now(UTC) + timedelta(days=400)
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(
            LedgerEvent(
                id="later",
                type="run.started",
                subject=SYSTEM,
                as_of=later,
                recorded_at=later,
                actor="tool:ops-model",
                data={},
            )
        )
    enrol(root, of, fay_product=f'valid-before="{later - timedelta(days=1):%Y%m%d}Z"')

    refused(root, of, "the key was enrolled until")


def test_an_entry_that_somebody_changed_ends_with_integrity_broken(root, of):
    digest = pack(root)
    connection = sqlite3.connect(root / "ledger.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE event SET body = replace(body, 'v2', 'v9') WHERE seq = 3")
    connection.commit()
    connection.close()

    result = sign(root, key=of["fay-product"], pack=digest)

    assert isinstance(result.exception, IntegrityError)
    assert result.exception.exit_code == 4


def attest(root, *arguments, person="ana-ruiz"):
    given = [SYSTEM, "--topic", "ownership", "--as", person, "--text", MEANING]
    flags = [str(a) for a in (*given, *arguments, "--workbook", root)]
    return CliRunner().invoke(attest_command, flags)


def test_whoever_has_a_key_attests_with_it(root, of):
    assert "asserted, unsigned" in attest(root).stdout
    enrol(root, of, "ana-ruiz")

    assert "ana-ruiz has an enrolled key; expected --key" in refusal(attest(root))
    assert "is enrolled for nobody" in refusal(attest(root, "--key", of["mallory"]))
    assert "signed with your key" in attest(root, "--key", of["ana-ruiz"]).stdout


def test_a_signed_attestation_counts_until_its_key_is_revoked(root, of):
    enrol(root, of, "ana-ruiz")
    assert attest(root, "--key", of["ana-ruiz"]).exit_code == 0

    assert grade_of_ownership(root) == "E2"
    line = (root / "allowed_signers").read_text().split(" ", 2)[2]
    (root / "revoked_keys").write_text(line)
    assert grade_of_ownership(root) == "E1"


def grade_of_ownership(root):
    return finding(root, "OWN-01")["grade"]


def finding(root, check):
    checked = CliRunner().invoke(check_command, [SYSTEM, "--json", "--workbook", str(root)])
    return next(f for f in json.loads(checked.stdout)["findings"] if f["check"] == check)


def test_no_decision_lives_again_for_whoever_turns_the_clock_back(root, of):
    """After 90 days it is over, though this machine's clock says otherwise."""
    replayed(root)
    assert sign(root, key=of["fay-product"], days=90).exit_code == 0
    assert signed_seats(root) == 1
    later = datetime.now(UTC) + timedelta(days=91)
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(
            LedgerEvent(
                id="later",
                type="run.started",
                subject=SYSTEM,
                as_of=later,
                recorded_at=later,
                actor="tool:ops-model",
                data={},
            )
        )

    assert signed_seats(root) == 0


def signed_seats(root):
    return 0 if "ended on" in finding(root, "REV-05")["message"] else 1
