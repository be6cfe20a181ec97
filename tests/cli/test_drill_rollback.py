"""What the command of the rollback drill tells beside its stopwatch."""

import pytest

from ops_model.cli.drill import step_line
from ops_model.cli.drill_rollback import more_of_rollback

ANSWER = {
    "abort_point": None, "broke_off_at": None, "served_digest": None, "feature_spec": "same",
    "to_version": "v1", "bound": {"k": 1, "passed": 1, "at_least": 0.05},
}  # fmt: skip


def test_that_the_servers_own_word_is_all_there_is_is_said_with_what_does_not_take_it():
    told = "\n".join(more_of_rollback({**ANSWER, "rests_on": "word"}))

    assert "that v1 answered is the server's own word, which RBK-02 and RBK-04 do not take" in told


@pytest.mark.parametrize("known_by", ["reference", "digest", None])
def test_of_more_than_a_word_nothing_has_to_be_said(known_by):
    assert "own word" not in "\n".join(more_of_rollback({**ANSWER, "rests_on": known_by}))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"name": "4. announce", "ok": True}, "not done  4. announce: a drill tells nobody"),
        ({"name": "4. announce", "ok": False}, "0.00 s  FAILED    4. announce"),
        ({"name": "3. verify", "ok": True}, "0.00 s  ok        3. verify"),
    ],
)
def test_nobody_is_told_by_a_drill_and_so_the_step_is_not_called_done(step, said):
    line = step_line({"seconds": 0.0, "detail": "a drill tells nobody", **step})

    assert line.strip() == said
