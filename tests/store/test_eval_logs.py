"""Archives of inspect-ai, read without believing what they say of their size."""

import json
import struct
import tracemalloc
import zipfile
import zlib

import pyarrow as pa
import pytest

from ops_model.errors import WarehouseError
from ops_model.store import eval_logs
from ops_model.store.eval_logs import documents_of, eval_logs_of
from tests.analysis.eval_samples import log, sample, summary

SAMPLES = [sample("s1"), sample("s2", value="I")]


def archive(path, documents, **options):
    """An archive as inspect-ai writes it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as held:
        for name, document in documents.items():
            held.writestr(name, json.dumps(document))
    return path


def documents(**parts):
    whole = log(samples=SAMPLES)
    header = {name: whole[name] for name in ("version", "status", "eval")}
    return {"header.json": header} | parts


def zstandard(path, content, *, size=None, name="header.json"):
    """An archive with one file packed with Zstandard, as newer versions write it."""
    packed = bytes(pa.Codec("zstd").compress(content))
    size = len(content) if size is None else size
    crc, raw = zlib.crc32(content), name.encode()
    said = struct.pack("<HHHHHLLLHH", 63, 0, 93, 0, 33, crc, len(packed), size, len(raw), 0)
    local = b"PK\3\4" + said + raw + packed
    central = b"PK\1\2" + struct.pack("<H", 63) + said + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + raw
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)
    return path


def read(folder, name="run.eval"):
    return list(eval_logs_of(folder, name))


def test_an_archive_is_read_by_its_summaries(tmp_path):
    archive(tmp_path / "run.eval", documents(**{
        "summaries.json": SAMPLES, "samples/s1_epoch_1.json": {"id": "not read"},
    }))  # fmt: skip
    ((name, found),) = read(tmp_path)

    assert (name, found["status"], found["eval"]["model"]) == ("run", "success", "openai/new")
    assert found["samples"] == SAMPLES


def test_an_archive_of_a_run_that_broke_off_is_read_by_its_journal(tmp_path):
    start = {"version": 2, "eval": log()["eval"], "plan": {}}
    archive(tmp_path / "run.eval", {
        "_journal/start.json": start, "_journal/summaries/1.json": SAMPLES[:1],
        "_journal/summaries/2.json": SAMPLES[1:],
    })  # fmt: skip
    ((_, found),) = read(tmp_path)

    assert (found["status"], found["samples"]) == ("started", SAMPLES)


def test_an_archive_without_summaries_is_read_by_its_samples_without_what_was_said(tmp_path):
    said = SAMPLES[0] | {"messages": ["secret"], "output": {"choices": ["secret"]}}
    archive(tmp_path / "run.eval", documents(**{"samples/s1_epoch_1.json": said}))
    ((_, found),) = read(tmp_path)

    assert [one["id"] for one in found["samples"]] == ["s1"]
    assert "secret" not in str(found)


def test_archives_packed_with_zstandard_are_read_too(tmp_path):
    zstandard(tmp_path / "run.eval", json.dumps(log()).encode())
    ((_, found),) = read(tmp_path)

    assert (found["status"], found["samples"]) == ("success", [])


def test_a_log_in_json_is_read_like_an_archive(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(log(samples=SAMPLES)))

    assert read(tmp_path, "run.json")[0][1]["samples"] == SAMPLES


def test_a_folder_is_all_its_logs(tmp_path):
    (tmp_path / "logs").mkdir()
    for name in ("a", "b"):
        archive(tmp_path / "logs" / f"{name}.eval", documents())

    assert [name for name, _ in read(tmp_path, "logs")] == ["a", "b"]


@pytest.mark.parametrize("size", [eval_logs.MOST_BYTES + 1, 2**32 - 2])
def test_a_file_that_would_grow_beyond_measure_is_refused_before_it_is_unpacked(tmp_path, size):
    zstandard(tmp_path / "run.eval", b"{}", size=size)

    with pytest.raises(WarehouseError, match=rf"holds {size:,} bytes; expected at most"):
        read(tmp_path)


def test_a_file_that_lies_about_its_size_is_read_no_farther_than_that(tmp_path):
    zstandard(tmp_path / "run.eval", b" " * 50_000_000 + b"{}", size=10)
    tracemalloc.start()

    with pytest.raises(WarehouseError, match="is not what the archive lists: 10 bytes"):
        read(tmp_path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 5_000_000


@pytest.mark.parametrize("at", [0.3, 0.6, 0.9])
def test_an_archive_that_was_cut_off_or_damaged_is_refused(tmp_path, at):
    path = archive(tmp_path / "run.eval", documents(**{"summaries.json": SAMPLES * 40}))
    content = path.read_bytes()
    place = int(len(content) * at)
    path.write_bytes(content[:place])
    with pytest.raises(WarehouseError, match="is no whole archive of inspect-ai"):
        read(tmp_path)

    path.write_bytes(content[:200] + bytes(40) + content[240:])
    with pytest.raises(WarehouseError, match=r"is no whole archive|is not what the archive lists"):
        read(tmp_path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    archive(tmp_path / "run.eval", {"word/document.json": {}})

    with pytest.raises(WarehouseError, match=r"holds neither header.json nor _journal/start.json"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [("[" * 100_000, "is no whole JSON"), ('{"eval": ', "is no whole JSON"),
     ("[1]", "is no log of inspect-ai"), ('{"eval": 3}', "is no log of inspect-ai")],
)  # fmt: skip
def test_json_that_is_no_log_is_refused(tmp_path, content, said):
    (tmp_path / "run.json").write_text(content)

    with pytest.raises(WarehouseError, match=said):
        read(tmp_path, "run.json")


def test_a_log_outside_of_the_workbook_is_refused(tmp_path):
    (tmp_path / "book").mkdir()
    archive(tmp_path / "run.eval", documents())

    with pytest.raises(WarehouseError, match="lies outside the workbook"):
        list(eval_logs_of(tmp_path / "book", "../run.eval"))


def test_documents_are_json_or_a_line_each(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(summary()))
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n\n{"a": 2}\n')

    assert list(documents_of(tmp_path, "a.json")) == [("a", summary())]
    assert list(documents_of(tmp_path, "b.jsonl")) == [("b", [{"a": 1}, {"a": 2}])]


def test_a_table_is_no_document(tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")

    with pytest.raises(WarehouseError, match=r"is no JSON by its name; expected \*.json"):
        list(documents_of(tmp_path, "a.csv"))
