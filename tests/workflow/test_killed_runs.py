"""A run that is killed, at any stage, leaves a whole bundle or none, and the next run works."""

import pytest

from tests.workflow.killed import (
    a_workbook_to_kill,
    killer,
    require_whole,
    run_again_and_require_all_ended,
)

pytestmark = pytest.mark.kernel

# The stages after which something else lies there; `make faults` kills at all nine, often.
STAGES = ("claimed", "started", "mid-cell", "manifest written", "sealed", "published")


def test_a_run_killed_at_a_stage_leaves_no_half_bundle_and_no_half_record(tmp_path):
    root = a_workbook_to_kill(tmp_path)

    with killer() as kill:
        for stage in STAGES:
            assert kill(stage, root) == -9, stage
            require_whole(root)

    run_again_and_require_all_ended(root)
