import numpy as np
import pytest

from ops_model.analysis.drift_blocks import MOST_PAIRED, Blockwise


def blockwise(rows, *, calibrated=True):
    block = np.array(rows, float)
    return Blockwise(block, block.sum(axis=0) - block, calibrated)


def apart(one, other):
    """How far two blocks of one number each lie apart."""
    return np.abs(one - other)[..., 0]


def unseen(one, other):
    """The share of one block in values that the other lacks."""
    return np.where(one == 0, other, 0.0).sum(axis=-1) / other.sum(axis=-1)


def test_the_first_and_the_last_block_of_a_rise_lie_farthest_apart():
    assert blockwise([[n] for n in range(8)]).farthest_pair(apart) == 7.0


def test_of_a_year_of_days_the_two_farthest_are_still_found():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(365, 1))
    # The rest of a block, as a mean: what a distance from it would be measured to.
    blocks = Blockwise(rows, np.broadcast_to(rows.mean(axis=0), rows.shape), calibrated=True)

    assert len(blocks) > MOST_PAIRED
    assert blocks.farthest_pair(apart) == pytest.approx(np.ptp(rows))


def test_a_value_that_comes_late_in_the_reference_is_one_that_its_past_lacks():
    # From the seventh block on a third of the rows hold a new value: six had not seen it.
    early, late = [90, 0], [60, 30]
    blocks = blockwise([early] * 6 + [late] * 2)

    assert blocks.newest(unseen) == pytest.approx(1 / 3)


def test_a_value_of_one_block_alone_counts_wherever_it_stands():
    blocks = blockwise([[90, 10]] + [[100, 0]] * 7)

    assert blocks.newest(unseen) == pytest.approx(0.1)


def test_too_few_blocks_set_no_limit():
    blocks = blockwise([[0.0], [9.0]], calibrated=False)

    assert blocks.farthest_pair(apart) is None
    assert blocks.newest(unseen) is None
