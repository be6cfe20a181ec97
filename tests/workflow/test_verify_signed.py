"""A ledger beside its signed checkpoints: what they show, and who may still append."""

import shutil
from datetime import timedelta
from multiprocessing import get_context

import pytest

from ops_model.errors import IntegrityError, UsageError
from ops_model.store.checkpoint import Checkpoint, sign
from ops_model.store.checkpoint_file import add_key, append_note, read_notes
from ops_model.store.ledger import Ledger
from ops_model.workflow.checkpoints import checkpoint, key_for, key_in_memory, new_key
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.trust import NO_CHECKPOINT, Trust, trust_of
from ops_model.workflow.verify import verify_path
from tests.store.ledger_events import RECORDED, an_event, as_owner
from tests.workflow.export_samples import (
    ORIGIN,
    SETTINGS,
    a_key,
    a_signed_workbook,
    append,
    append_and_sign,
    copied,
    rebuilt,
    trusting,
)
from tests.workflow.verify_samples import a_workbook


@pytest.fixture(scope="module")
def key():
    return a_key()


@pytest.fixture
def root(tmp_path, key):
    return a_signed_workbook(tmp_path / "workbook", key)


def told(path, trust):
    return [problem.message for problem in verify_path(path, trust).problems]


def test_a_checkpoint_says_how_long_the_ledger_is_and_its_root(root, key):
    verified = verify_path(root, trusting(key))

    with Ledger.open(root / "ledger.db") as ledger:
        head = ledger.head()
    assert verified.ok
    assert (verified.size, verified.root) == (head.size, head.root)
    assert verified.as_json()["checkpoint"] == {
        "origin": ORIGIN, "size": 4, "root": head.root, "keys": [key.keyid], "entries_since": 0,
        "holds": True, "recorded_until": "2026-03-02T09:30:00Z",
    }  # fmt: skip


def test_entries_since_the_newest_checkpoint_are_counted(root, key):
    append(root, "one", "two", "three")

    verified = verify_path(root, trusting(key))

    assert verified.ok
    assert verified.covered.since == 3
    assert "  3 entries since are covered by no checkpoint" in verified.covered.told


def test_a_ledger_without_a_checkpoint_says_so_and_is_no_alarm(tmp_path):
    root = a_workbook(tmp_path / "workbook")
    append(root, "one")

    verified = verify_path(root)

    assert verified.ok
    assert verified.as_json()["checkpoint"] is None
    assert NO_CHECKPOINT in verified.told


def test_keys_of_the_workbook_itself_are_said_to_be_that(root):
    verified = verify_path(root)

    assert verified.ok
    assert verified.covered.holds
    assert "name the one that you trust with --key" in verified.told[0]


def test_a_key_that_the_reader_names_has_to_have_signed(root):
    stranger = a_key("example.net/other")

    verified = verify_path(root, trusting(stranger))

    assert [p.message for p in verified.problems] == [
        "no checkpoint is signed by a key that you named"
    ]
    assert f"  not trusted, since their keys are not known: {ORIGIN}" in verified.told


def test_a_key_of_the_same_name_is_not_the_same_key(root):
    assert told(root, trusting(a_key())) == ["no checkpoint is signed by a key that you named"]


def test_after_a_change_of_keys_both_are_listed_and_old_checkpoints_hold(root, key):
    newer = a_key()
    add_key(root, newer.verifier)
    append(root, "one")

    checkpoint(root, SETTINGS, newer)

    assert verify_path(root).ok
    assert verify_path(root, trusting(key, newer)).covered.keys == (newer.keyid,)
    only_old = verify_path(root, trusting(key))
    assert only_old.ok
    assert only_old.covered.since == 1


@pytest.mark.parametrize("line", [0, 1, 2])
def test_an_edited_checkpoint_of_a_known_key_is_a_problem(root, key, line):
    path = root / "checkpoints.txt"
    lines = path.read_text().split("\n")
    other = ["example.net/other", "1", lines[8]]
    lines[line] = other[line] if lines[line] != other[line] else "2"
    path.write_text("\n".join(lines))

    assert any("is forged" in what for what in told(root, trusting(key)))


def test_checkpoints_that_are_no_text_of_ours_are_a_problem(root, key):
    (root / "checkpoints.txt").write_text("lost\n")

    assert "is no checkpoint" in told(root, trusting(key))[0]


def test_a_checkpoint_kept_elsewhere_counts_too(root, key, tmp_path):
    kept = shutil.copy(root / "checkpoints.txt", tmp_path / "kept.txt")
    (root / "checkpoints.txt").unlink()
    trust = trust_of([key.public], [kept])

    assert verify_path(root, trust).covered.size == 4

    rebuilt(root / "ledger.db", lambda events: events[:2])
    assert told(root, trust)[-1] == (
        "there are 2 entries; a signed checkpoint says that there were 4"
    )


def test_a_ledger_that_is_gone_while_checkpoints_are_there_is_a_change(tmp_path, key):
    root = a_signed_workbook(tmp_path / "workbook", key, runs=0)
    (root / "ledger.db").unlink()

    assert told(root, trusting(key)) == ["is gone, and checkpoints.txt is there"]


def test_names_of_strangers_are_printed_so_that_no_terminal_obeys_them(root, key):
    path = root / "checkpoints.txt"
    path.write_text(path.read_text() + "— \x1b[2Jme AAAAAAA=\n", encoding="utf-8")

    verified = verify_path(root, trusting(key))

    assert verified.ok
    assert r"not trusted, since their keys are not known: '\x1b[2Jme'" in verified.told[1]


def test_a_ledger_file_in_a_workbook_is_compared_with_its_checkpoints(root, key):
    rebuilt(root / "ledger.db", lambda events: events[:2])

    assert told(root / "ledger.db", trusting(key))


# Signing ---------------------------------------------------------------------------------------


def test_a_ledger_that_did_not_grow_is_not_signed_again(root, key):
    before = (root / "checkpoints.txt").read_bytes()

    assert checkpoint(root, SETTINGS, key) is None
    assert (root / "checkpoints.txt").read_bytes() == before


def test_without_a_key_nothing_is_signed(root):
    append(root, "one")

    assert checkpoint(root, SETTINGS, None) is None


def test_an_empty_or_missing_ledger_is_not_signed(tmp_path, key):
    root = a_workbook(tmp_path / "workbook")
    assert checkpoint(root, SETTINGS, key) is None

    Ledger.open(root / "ledger.db", create=True).close()
    assert checkpoint(root, SETTINGS, key) is None


def test_what_a_crash_left_unsigned_the_next_command_signs(root, key):
    append(root, "appended and then killed")

    signed = checkpoint(root, SETTINGS, key)

    assert signed.size == 5
    assert verify_path(root, trusting(key)).covered.since == 0


def test_two_processes_that_sign_at_once_leave_a_chain_of_checkpoints_that_holds(
    root, key, tmp_path
):
    key.write(tmp_path / "checkpoint.key")
    both = [
        get_context("spawn").Process(
            target=append_and_sign, args=(root, tmp_path / "checkpoint.key", prefix)
        )
        for prefix in ("one", "two")
    ]
    for process in both:
        process.start()
    for process in both:
        process.join()

    verified = verify_path(root, trusting(key))
    assert [process.exitcode for process in both] == [0, 0]
    assert verified.problems == ()
    assert (verified.size, verified.covered.size) == (24, 24)
    assert read_notes(root / "checkpoints.txt")[1] == []


def test_a_clock_that_was_set_back_hinders_no_checkpoint(root, key):
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append(an_event("late", recorded_at=RECORDED - timedelta(days=400)))

    checkpoint(root, SETTINGS, key)

    assert verify_path(root, trusting(key)).covered.since == 0


# Appending -------------------------------------------------------------------------------------


def refused(root):
    with pytest.raises(IntegrityError) as found:
        open_ledger(root, SETTINGS, create=True)
    assert found.value.exit_code == 4
    assert "nothing was appended" in str(found.value)
    assert "to fix: " in str(found.value)
    return found.value.problems[0].message


def test_a_ledger_that_continues_its_checkpoint_is_opened_to_append(root):
    append(root, "one")

    with open_ledger(root, SETTINGS) as ledger:
        assert ledger.append(an_event("two")) == 5


def test_an_old_backup_that_was_put_back_is_not_appended_to(root, key, tmp_path):
    backup = copied(root / "ledger.db", tmp_path / "backup.db")
    append(root, "one", "two")
    checkpoint(root, SETTINGS, key)
    for suffix in ("-wal", "-shm"):
        (root / f"ledger.db{suffix}").unlink(missing_ok=True)
    shutil.copy(backup, root / "ledger.db")

    assert "an older copy was put back" in refused(root)


def test_a_fork_is_not_appended_to(root):
    rebuilt(root / "ledger.db", lambda e: [*e[:2], *(an_event(f"other/{n}") for n in range(4))])

    assert "was rewritten, or is another one" in refused(root)


def test_a_fork_of_the_same_length_is_not_appended_to(root):
    rebuilt(root / "ledger.db", lambda e: [*e[:3], an_event("another")])

    assert "was rewritten, or is another one" in refused(root)


def test_a_ledger_that_is_gone_is_not_begun_anew(root):
    (root / "ledger.db").unlink()

    assert "there is no ledger, and a signed checkpoint covers 4" in refused(root)
    assert not (root / "ledger.db").exists()


def test_a_checkpoint_of_a_key_that_the_workbook_does_not_list_stops_writers(root):
    (root / "checkpoint_keys.txt").write_text("")

    assert "is signed by no key of checkpoint_keys.txt" in refused(root)


def test_a_ledger_that_may_not_be_appended_to_can_be_read(root):
    rebuilt(root / "ledger.db", lambda events: events[:1])

    with open_ledger(root, SETTINGS, readonly=True) as ledger:
        assert ledger.size() == 1


def test_a_rewritten_ledger_is_not_signed(root, key):
    rebuilt(root / "ledger.db", lambda e: [*e[:2], *(an_event(f"other/{n}") for n in range(9))])

    with pytest.raises(IntegrityError):
        checkpoint(root, SETTINGS, key)


# Keys ------------------------------------------------------------------------------------------


def test_a_new_key_is_written_outside_and_listed_inside(tmp_path):
    root = a_workbook(tmp_path / "workbook")

    public = new_key(root, ORIGIN, tmp_path / "keys" / "checkpoint.key")

    assert (root / "checkpoint_keys.txt").read_text() == f"{public}\n"
    loaded = key_for(root, tmp_path / "keys" / "checkpoint.key", named=True)
    assert loaded.public == public


def test_a_private_key_inside_a_workbook_is_refused(tmp_path, key):
    root = a_workbook(tmp_path / "workbook")
    with pytest.raises(UsageError, match="may not lie in a workbook"):
        new_key(root, ORIGIN, root / "keys" / "checkpoint.key")

    add_key(root, key.verifier)
    key.write(root / "systems" / "checkpoint.key")
    with pytest.raises(UsageError, match="may not lie in a workbook"):
        key_for(root, root / "systems" / "checkpoint.key", named=True)


def test_a_key_of_another_workbook_is_passed_over_unless_it_was_named(tmp_path, key):
    root = a_workbook(tmp_path / "workbook")
    key.write(tmp_path / "checkpoint.key")
    assert key_for(root, tmp_path / "checkpoint.key", named=False) is None

    add_key(root, a_key().verifier)
    assert key_for(root, tmp_path / "checkpoint.key", named=False) is None
    with pytest.raises(UsageError, match="is none of this workbook's") as found:
        key_for(root, tmp_path / "checkpoint.key", named=True)
    assert key.public in str(found.value)


def test_a_key_in_memory_is_listed_and_nowhere_on_the_disk(tmp_path):
    root = a_workbook(tmp_path / "workbook")
    append(root, "one")

    made = key_in_memory(root, ORIGIN)

    assert checkpoint(root, SETTINGS, made).size == 1
    assert verify_path(root).covered.keys == (made.keyid,)
    assert not list(tmp_path.rglob("*.key"))


# The ten attacks -------------------------------------------------------------------------------


def _edited(events):
    changed = events[1].model_copy(update={"data": {"run_id": "another"}})
    return [events[0], changed, *events[2:]]


ATTACKS = {
    "edit an entry, its hash untouched": lambda path: as_owner(
        path, "UPDATE event SET body = replace(body, 'run-1', 'run-2') WHERE seq = 1"
    ),
    "edit an entry and hash the rest anew": lambda path: rebuilt(path, _edited),
    "delete an entry, number and hash anew": lambda path: rebuilt(path, lambda e: e[:1] + e[2:]),
    "insert an entry that is dated back": lambda path: rebuilt(
        path, lambda e: [*e[:1], an_event("forged"), *e[1:]]
    ),
    "swap two entries": lambda path: as_owner(
        path,
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE event SET seq = 99 WHERE seq = 1",
        "UPDATE event SET seq = 1 WHERE seq = 2",
    ),
    "delete an entry": lambda path: as_owner(path, "DELETE FROM event WHERE seq = 1"),
    "cut the end, the head untouched": lambda path: as_owner(
        path, "DELETE FROM event WHERE seq >= 3"
    ),
    "cut the end and wind the head back": lambda path: rebuilt(path, lambda e: e[:-2]),
    "cut the end and append another": lambda path: rebuilt(
        path, lambda e: [*e[:-2], an_event("other/1"), an_event("other/2")]
    ),
    "empty it and begin anew": lambda path: rebuilt(path, lambda e: [an_event("first")]),
}
MISSED_BY_AN_OLD_ONE = {"cut the end and wind the head back", "cut the end and append another"}


@pytest.fixture(scope="module")
def ten_entries(tmp_path_factory, key):
    """Ten entries, signed at 8 and at 10."""
    root = a_workbook(tmp_path_factory.mktemp("attacked") / "workbook")
    add_key(root, key.verifier)
    append(root, *(f"event/{n}" for n in range(8)))
    checkpoint(root, SETTINGS, key)
    append(root, *(f"event/{n}" for n in range(8, 10)))
    checkpoint(root, SETTINGS, key)
    return root


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_is_seen_with_the_newest_checkpoint(ten_entries, key, tmp_path, attack):
    root = shutil.copytree(ten_entries, tmp_path / "workbook")
    ATTACKS[attack](root / "ledger.db")

    assert not verify_path(root, trusting(key)).ok


@pytest.mark.parametrize("attack", ATTACKS)
def test_with_an_old_checkpoint_only_two_attacks_on_what_came_after_it_are_missed(
    ten_entries, key, tmp_path, attack
):
    root = shutil.copytree(ten_entries, tmp_path / "workbook")
    (older, _), _ = read_notes(root / "checkpoints.txt")
    (root / "checkpoints.txt").write_text(older.text, encoding="utf-8")
    ATTACKS[attack](root / "ledger.db")

    assert verify_path(root, trusting(key)).ok == (attack in MISSED_BY_AN_OLD_ONE)


def test_a_forged_checkpoint_makes_no_forged_ledger_good(ten_entries, key, tmp_path):
    root = shutil.copytree(ten_entries, tmp_path / "workbook")
    rebuilt(root / "ledger.db", _edited)
    with Ledger.open(root / "ledger.db") as ledger:
        head = ledger.head()
    stranger = a_key()
    (root / "checkpoints.txt").unlink()
    append_note(root, sign(stranger, Checkpoint(ORIGIN, head.size, head.root)))
    add_key(root, stranger.verifier)

    assert verify_path(root).ok, "whoever can write all of it can sign it anew"
    assert not verify_path(root, trusting(key)).ok, "but not with the key that a reader trusts"


def test_trust_is_empty_where_nobody_names_anything():
    assert trust_of([]) == Trust()
