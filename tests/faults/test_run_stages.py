"""Runs killed twenty times at each of their nine stages."""

import pytest

from tests.workflow.killed import (
    STAGES,
    a_workbook_to_kill,
    killer,
    require_whole,
    run_again_and_require_all_ended,
)

KILLS = 20


@pytest.mark.faults
@pytest.mark.parametrize("stage", STAGES)
def test_no_bundle_is_partial_and_no_entry_is_missing_in_twenty_kills(tmp_path, stage):
    root = a_workbook_to_kill(tmp_path)

    with killer() as kill:
        for _ in range(KILLS):
            assert kill(stage, root) == -9
            require_whole(root)

    run_again_and_require_all_ended(root)
    print(f"\n{KILLS} kills, {stage}: 0 partial bundles, 0 missing entries")
