"""Archives: equal files give equal bytes, and nothing hostile is read, unpacked or written."""

import io
import time
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.errors import BundleError, IntegrityError
from ops_model.store.archive import open_archive, write_archive
from tests.store.zips import a_file, a_zip

LINK = 0o120777 << 16
BOMB = b"\0" * 30_000_000


def put(folder, content):
    path = folder / "evidence.zip"
    path.write_bytes(content)
    return path


def read_all(path):
    """Every byte of every file, as whoever verifies reads them."""
    with open_archive(path) as archive:
        found = {}
        for name in archive.names:
            with archive.open(name) as file:
                found[name] = file.read()
        return found


def test_what_was_written_is_read_again(tmp_path):
    (tmp_path / "long").write_bytes(b"long " * 50_000)
    path = tmp_path / "evidence.zip"

    write_archive(path, {"b/c.json": b"{}", "a.txt": tmp_path / "long", "empty": b""})

    assert read_all(path) == {"a.txt": b"long " * 50_000, "b/c.json": b"{}", "empty": b""}


def test_every_zip_program_reads_what_was_written(tmp_path):
    path = tmp_path / "evidence.zip"
    write_archive(path, {"b/c.json": b"{}", "a.txt": b"text"})

    with zipfile.ZipFile(path) as oracle:
        assert oracle.testzip() is None
        assert {i.filename: oracle.read(i) for i in oracle.infolist()} == read_all(path)


def test_equal_files_give_equal_bytes_whatever_their_order_and_date(tmp_path):
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    (tmp_path / "file").write_bytes(b"text")

    write_archive(first, {"a": tmp_path / "file", "b": b"2"})
    (tmp_path / "file").touch()
    write_archive(second, {"b": b"2", "a": b"text"})

    assert first.read_bytes() == second.read_bytes()
    # Stored, of 1980, mode 644, entry beside entry: no byte depends on the machine.
    assert first.read_bytes() == a_zip(a_file("a", b"text"), a_file("b", b"2"))


def test_an_archive_that_another_program_packed_in_the_plain_form_is_read(tmp_path):
    path = put(tmp_path, a_zip(a_file("a", b"x" * 500, deflate=True), a_file("b/c", b"y")))

    assert read_all(path) == {"a": b"x" * 500, "b/c": b"y"}


def test_what_cannot_be_read_again_is_not_written(tmp_path):
    path = tmp_path / "evidence.zip"

    with pytest.raises(BundleError, match="leads out of the archive"):
        write_archive(path, {"../a": b""})

    assert list(tmp_path.iterdir()) == []


HOSTILE = {
    "absolute": (a_zip(a_file("/etc/passwd")), "names a place of its own"),
    "parent": (a_zip(a_file("../../evil")), "leads out of the archive"),
    "parent inside": (a_zip(a_file("a/../b")), "leads out of the archive"),
    "backslash": (a_zip(a_file("a\\b")), "names a place of its own"),
    "backslash parent": (a_zip(a_file("..\\evil")), "names a place of its own"),
    "drive": (a_zip(a_file("C:evil")), "names a place of its own"),
    "share": (a_zip(a_file("//host/share")), "names a place of its own"),
    "folder": (a_zip(a_file("a/", b"")), "is a folder"),
    "folder by attribute": (a_zip(a_file("a", attributes=0x10)), "no plain file"),
    "symlink": (a_zip(a_file("link", b"/etc/passwd", attributes=LINK)), "a symbolic link"),
    "pipe": (a_zip(a_file("pipe", attributes=0o010644 << 16)), "no plain file"),
    "encrypted": (a_zip(a_file("a", flags=1)), "is encrypted"),
    "duplicate": (a_zip(a_file("a"), a_file("a", b"[]")), "is there twice"),
    "case": (a_zip(a_file("Records.json"), a_file("records.json")), "is 'Records.json' too"),
    "accents": (a_zip(a_file("e\u0301"), a_file("\u00e9")), "too, where case or accents"),
    "sharp s": (a_zip(a_file("stra\u00dfe"), a_file("STRASSE")), "too, where case or accents"),
    "not ASCII": (a_zip(a_file("\u00e9", flags=0x0800)), "may be read as another name"),
    "right to left": (a_zip(a_file("a\u202egnp.exe")), "may be read as another name"),
    "NUL": (a_zip(a_file("a\0.json")), "may be read as another name"),
    "no text": (a_zip(a_file(b"\xff")), "may be read as another name"),
    "no name": (a_zip(a_file("")), "may be read as another name"),
    "dot": (a_zip(a_file("./a")), "may be read as another name"),
    "empty part": (a_zip(a_file("a//b")), "may be read as another name"),
    "hidden": (a_zip(a_file(".git/config")), "may be read as another name"),
    "long name": (a_zip(a_file("a" * 60_000)), "may be read as another name"),
    "bomb": (a_zip(a_file("a", BOMB, deflate=True)), "would grow from"),
    "stored that grows": (a_zip(a_file("a", size=9)), "would grow from 2 bytes to 9"),
    "too many": (a_zip(*(a_file(f"f{n}", b"") for n in range(10_001))), "at most 10000"),
    "zip64 count": (a_zip(a_file("a"), here=0xFFFF, count=0xFFFF), "zip64"),
    "zip64 place": (a_zip(a_file("a"), start=0xFFFFFFFF), "zip64"),
    "zip64 size": (a_zip(a_file("a", size=0xFFFFFFFF, packed_size=0xFFFFFFFF)), "zip64"),
    "zip64 extra": (a_zip(a_file("a", extra=b"\1\0\0\0")), "two programs may read differently"),
    "unicode name extra": (a_zip(a_file("a", extra=b"up\6\0\1....b")), "two programs may read"),
    "comment of a file": (a_zip(a_file("a", comment=b"x")), "two programs may read"),
    "sizes behind": (a_zip(a_file("a", flags=8)), "two programs may read"),
    "other method": (a_zip(a_file("a", method=12)), "two programs may read"),
    "other disk": (a_zip(a_file("a", disk=1)), "two programs may read"),
    "other own name": (a_zip(a_file("a", local={"name": b"b"})), "not what, the archive lists"),
    "other own size": (a_zip(a_file("a", local={"size": 1})), "not what, the archive lists"),
    "other own method": (a_zip(a_file("a", local={"method": 8})), "not what, the archive lists"),
    "own extra": (a_zip(a_file("a", local={"extra": b"\1\0\0\0"})), "not what, the archive"),
    "overlap": (a_zip(a_file("a"), a_file("b", place=0)), "not where"),
    "place beyond": (a_zip(a_file("a", place=9_999)), "not where"),
    "gap": (a_zip(a_file("a"), a_file("b"), between=b"hidden"), "not where"),
    "gap at the end": (a_zip(a_file("a"), between=b"hidden"), "belong to no file"),
    "prefix": (a_zip(a_file("a"), before=b"#!/bin/sh\n"), "not where"),
    "behind the end": (a_zip(a_file("a"), behind=b"more"), "is no zip archive, or something"),
    "comment": (a_zip(a_file("a"), comment=b"x"), "is no zip archive, or something"),
    "wrong count": (a_zip(a_file("a"), a_file("b"), here=1, count=1), "more than it counts"),
    "count too large": (a_zip(a_file("a"), here=2, count=2), "damaged list"),
    "listing elsewhere": (a_zip(a_file("a"), start=0), "list of files that is not where"),
    "no zip": (b"no zip at all, just text", "is no zip archive"),
    "empty": (b"", "is no zip archive"),
    "cut": (a_zip(a_file("a"))[:-1], "is no zip archive"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_at_once_and_nothing_is_written(tmp_path, name):
    content, why = HOSTILE[name]
    path = put(tmp_path, content)
    began = time.process_time()

    with pytest.raises(IntegrityError, match="the archive is refused") as refused:
        open_archive(path)

    assert why in str(refused.value)
    assert refused.value.exit_code == 4
    assert time.process_time() - began < 1
    assert list(tmp_path.iterdir()) == [path]


LYING = {
    "another content": a_zip(a_file("a", b"{}", crc=zlib.crc32(b"[]"))),
    "shorter than listed": a_zip(a_file("a", b"x" * 90, deflate=True, size=91)),
    "longer than listed": a_zip(a_file("a", b"x" * 90, deflate=True, size=89)),
    "a bomb that lists itself small": a_zip(a_file("a", BOMB, deflate=True, size=90)),
    "no deflate at all": a_zip(a_file("a", b"x" * 90, method=8)),
    "cut deflate": a_zip({**(f := a_file("a", b"xyz" * 90, deflate=True)),
                          "packed": f["packed"][:-3], "packed_size": len(f["packed"]) - 3}),
    "more behind deflate": a_zip({**f, "packed": f["packed"] + b"more",
                                  "packed_size": len(f["packed"]) + 4}),
}  # fmt: skip


@pytest.mark.parametrize("name", LYING)
def test_content_that_is_not_as_listed_ends_the_reading(tmp_path, name):
    path = put(tmp_path, LYING[name])
    began = time.process_time()

    with pytest.raises(IntegrityError, match="a: is not what the archive lists"):
        read_all(path)

    assert time.process_time() - began < 1


def test_a_file_that_is_not_there_could_not_be_read(tmp_path):
    with pytest.raises(BundleError, match="could not be read") as refused:
        open_archive(tmp_path / "none.zip")

    assert refused.value.exit_code == 3


def test_every_changed_byte_is_refused_or_changes_no_content(tmp_path):
    """What it holds has digests of its own; here no byte may lead to a traceback."""
    content = a_zip(a_file("a", b"x" * 40, deflate=True), a_file("b/c", b"yes"))
    silent = []
    for offset in range(len(content)):
        flipped = bytearray(content)
        flipped[offset] ^= 1 << (offset % 8)
        try:
            found = read_all(put(tmp_path, bytes(flipped)))
        except IntegrityError:
            continue
        if found != {"a": b"x" * 40, "b/c": b"yes"}:
            silent.append(offset)

    assert silent == []


@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_at_all_lead_to_anything_but_a_refusal(tmp_path_factory, noise, at):
    whole = a_zip(a_file("a", b"x" * 40, deflate=True), a_file("b/c", b"yes"))
    path = tmp_path_factory.mktemp("noise") / "evidence.zip"
    path.write_bytes(whole[:at] + noise + whole[at + len(noise) :])

    with suppress(IntegrityError):
        read_all(path)


@given(st.dictionaries(st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}", fullmatch=True),
                       st.binary(max_size=200), max_size=8))  # fmt: skip
def test_zipfile_reads_the_same_as_we_do(tmp_path_factory, files):
    path = tmp_path_factory.mktemp("same") / "evidence.zip"
    write_archive(path, files)

    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as oracle:
        assert {n: oracle.read(n) for n in oracle.namelist()} == files == read_all(path)
