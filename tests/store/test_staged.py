"""A copy of rows for as long as they are read: equal to them, on its own, and gone in the end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir

import pytest

from ops_model.analysis.prefix_cache import prompts_of
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.store.staged import is_text, staged, write_copy
from ops_model.store.warehouse import readable_logs
from ops_model.workflow.usage_logs import UsageSource, usage_table

START = datetime(2026, 9, 1, tzinfo=UTC)
WINDOW = Window(start=START, end=START + timedelta(days=2))
NAMES = (
    "timestamp,service,gen_ai_request_model,gen_ai_usage_input_tokens,"
    "gen_ai_usage_output_tokens,blocks,request_id"
)


def a_csv(folder, hours):
    """A log with a prompt in each of these hours, one of which came twice."""
    path = folder / "calls.csv"
    rows = [
        f'{(START + timedelta(hours=n)).isoformat()},chat,large,{n + 1},1,"[""a"", ""b{n}""]",r{n}'
        for n in (*hours, hours[0])
    ]
    path.write_text("\n".join([NAMES, *rows, ""]))
    return path


def opened(path):
    return usage_table(UsageSource(str(path), prefix="blocks"), before=WINDOW.end)


def prompts(path, stage):
    return prompts_of(opened(path), timestamp="timestamp", window=WINDOW, at_once=1, stage=stage)


def copies():
    return set(Path(gettempdir()).glob("ops-model-rows-*"))


def test_a_copy_holds_the_rows_and_their_types(tmp_path):
    log = opened(a_csv(tmp_path, [3, 1]))

    with staged(log) as held:
        assert held.schema().names == log.schema().names
        assert held.order_by("request_id").to_pyarrow().to_pylist() == (
            log.order_by("request_id").to_pyarrow().to_pylist()
        )


def test_a_log_of_text_is_read_once_however_many_times_its_hours_are_asked_for(tmp_path):
    path = a_csv(tmp_path, [5, 3, 1])
    found = prompts(path, staged)
    first = next(found)
    path.unlink()  # nothing can be read of it any more

    rest = list(found)

    assert [first.tokens, *(prompt.tokens for prompt in rest)] == [2, 4, 6]
    assert rest[-1].blocks == ["a", "b5"]


def test_a_copy_is_gone_when_all_was_read(tmp_path):
    before = copies()

    with staged(opened(a_csv(tmp_path, [1]))):
        assert copies() - before

    assert not copies() - before


def test_a_window_without_rows_has_no_prompts(tmp_path):
    log = opened(a_csv(tmp_path, [1]))
    later = Window(start=WINDOW.end, end=WINDOW.end + timedelta(days=1))

    assert not list(prompts_of(log, timestamp="timestamp", window=later, stage=staged))


def test_only_text_needs_a_copy(tmp_path):
    a_csv(tmp_path, [1])

    assert is_text(tmp_path, "calls.csv")
    (tmp_path / "calls.csv").rename(tmp_path / "calls.parquet")
    assert not is_text(tmp_path, "calls.parquet")


def test_a_line_that_cannot_be_read_is_told_while_the_copy_is_written(tmp_path):
    path = a_csv(tmp_path, range(30_000))
    spoilt = path.read_text().splitlines(keepends=True)
    spoilt[29_000] = spoilt[29_000].replace("large,", "large,many")
    path.write_text("".join(spoilt))
    log = opened(path)

    with pytest.raises(WarehouseError, match="line 29001: column"):  # noqa: SIM117 - the order matters
        with readable_logs(str(path)), staged(log):
            pass


def test_a_folder_without_room_is_told_and_what_to_do(tmp_path):
    log = opened(a_csv(tmp_path, [1]))

    with pytest.raises(WarehouseError, match="no copy of the rows") as caught:
        write_copy(log, tmp_path / "not there" / "rows.parquet")

    assert "TMPDIR" in str(caught.value)
