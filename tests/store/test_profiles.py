from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops_model.store.profiles import FOLDER, UNUSED_DAYS, StoredProfiles, digests_of
from tests.store.test_warehouse import write

KEY = {"profile": "sha256:a", "files": ["sha256:b"]}
AS_OF = datetime(2013, 9, 1, tzinfo=UTC)
DOCUMENT = {"days": ["2026-01-01"], "sums": [0.1, -0.0, 1e-300], "name": "\u202e"}


def kept(root, address="logs/served", later=0):
    """The documents as they are for who reads so many days later."""
    return StoredProfiles(root, address, AS_OF + timedelta(days=later))


def documents(root):
    return [path for path in (root / FOLDER).rglob("*") if path.is_file()]


def only_file(root):
    (path,) = documents(root)
    return path


def test_a_document_is_read_back_as_it_was_written(tmp_path):
    assert kept(tmp_path).write(KEY, DOCUMENT)

    assert kept(tmp_path).read(KEY) == DOCUMENT


def test_another_key_finds_nothing(tmp_path):
    kept(tmp_path).write(KEY, DOCUMENT)

    assert kept(tmp_path).read(KEY | {"files": ["sha256:c"]}) is None


@pytest.mark.parametrize("place", [3, -3])
def test_a_damaged_document_is_ignored_and_written_anew(tmp_path, place):
    kept(tmp_path).write(KEY, DOCUMENT)
    path = only_file(tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))

    assert kept(tmp_path).read(KEY) is None
    assert kept(tmp_path).write(KEY, DOCUMENT)
    assert kept(tmp_path).read(KEY) == DOCUMENT


def test_a_sound_document_under_a_foreign_name_is_ignored(tmp_path):
    kept(tmp_path).write(KEY, DOCUMENT)
    first = only_file(tmp_path)
    kept(tmp_path).write(KEY | {"files": ["sha256:c"]}, {"days": []})
    other = next(p for p in documents(tmp_path) if p != first)
    first.write_bytes(other.read_bytes())

    assert kept(tmp_path).read(KEY) is None


def test_nothing_half_written_is_left_beside(tmp_path):
    for _ in range(3):
        kept(tmp_path).write(KEY, DOCUMENT)

    assert len(documents(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path):
    (tmp_path / FOLDER.parts[0]).write_text("a file where the folder belongs")

    assert not kept(tmp_path).write(KEY, DOCUMENT)
    assert kept(tmp_path).read(KEY) is None


def test_nothing_is_written_through_a_link_out_of_the_workbook(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "book"
    outside.mkdir()
    root.mkdir()
    (root / FOLDER.parts[0]).symlink_to(outside)

    assert not kept(root).write(KEY, DOCUMENT)
    assert not list(Path(outside).rglob("*.json"))


def test_what_was_made_of_files_that_are_gone_is_removed_and_nothing_else(tmp_path):
    stays, mixed, gone = (["sha256:b"], ["sha256:b", "sha256:c"], ["sha256:c"])
    for files in (stays, mixed, gone):
        kept(tmp_path).write({"files": files}, DOCUMENT)
    kept(tmp_path, "logs/other").write({"files": gone}, DOCUMENT)

    kept(tmp_path).prune(["sha256:b", "sha256:new"])

    assert kept(tmp_path).read({"files": stays}) == DOCUMENT
    assert kept(tmp_path).read({"files": mixed}) is None
    assert kept(tmp_path).read({"files": gone}) is None
    assert kept(tmp_path, "logs/other").read({"files": gone}) == DOCUMENT
    assert len(documents(tmp_path)) == 2


def test_counts_into_the_cells_of_a_plan_that_nobody_uses_any_more_are_removed(tmp_path):
    old, new = ({"profile": spec, "files": ["sha256:b"]} for spec in ("sha256:old", "sha256:new"))
    kept(tmp_path).write(old, DOCUMENT)
    kept(tmp_path).write({"plan": 2, "files": ["sha256:b"]}, DOCUMENT)
    kept(tmp_path, later=UNUSED_DAYS + 1).write(new, DOCUMENT)

    kept(tmp_path, later=UNUSED_DAYS).prune(["sha256:b"])
    assert len(documents(tmp_path)) == 3

    kept(tmp_path, later=UNUSED_DAYS + 1).prune(["sha256:b"])
    assert kept(tmp_path).read(old) is None
    assert kept(tmp_path).read(new) == DOCUMENT
    assert len(documents(tmp_path)) == 1


def test_who_reads_one_day_of_a_plan_keeps_all_days_of_it(tmp_path):
    days = [{"profile": "sha256:a", "files": [f"sha256:{n}"], "span": None} for n in range(3)]
    of_a_span = days[0] | {"span": ["2013-08-30T10:00:00Z", "2013-09-01T00:00:00Z"]}
    for key in (*days, of_a_span):
        kept(tmp_path).write(key, DOCUMENT)

    kept(tmp_path, later=30).read(days[1])
    kept(tmp_path, later=60).prune([f"sha256:{n}" for n in range(3)])

    assert [kept(tmp_path).read(key) for key in days] == [DOCUMENT] * 3
    assert kept(tmp_path).read(of_a_span) is None


def test_who_reads_as_of_an_earlier_instant_does_not_make_a_document_older(tmp_path):
    kept(tmp_path, later=100).write(KEY, DOCUMENT)

    kept(tmp_path).read(KEY)
    kept(tmp_path, later=100 + UNUSED_DAYS).prune(KEY["files"])

    assert kept(tmp_path).read(KEY) == DOCUMENT


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'{"key":1}', b'{"key":{}}', b"[" * 99_999]
)
def test_a_document_that_does_not_say_what_it_was_made_of_is_removed(tmp_path, content):
    kept(tmp_path).write(KEY, DOCUMENT)
    only_file(tmp_path).write_bytes(content)

    kept(tmp_path).prune(KEY["files"])

    assert not documents(tmp_path)


def test_nothing_is_removed_through_a_link_out_of_the_workbook(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "book"
    kept(outside).write(KEY, DOCUMENT)
    root.mkdir()
    (root / FOLDER.parts[0]).symlink_to(outside / FOLDER.parts[0])

    kept(root).prune([])

    assert len(documents(outside)) == 1


def test_each_file_of_a_log_has_the_digest_of_its_bytes(tmp_path):
    write(tmp_path / "log" / "b.parquet")
    write(tmp_path / "log" / "a.parquet")

    found = digests_of(tmp_path, "log")

    assert list(found) == ["a.parquet", "b.parquet"]
    assert len(set(found.values())) == 1
