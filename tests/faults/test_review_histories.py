"""10,000 histories of a deploy review, honest and hostile."""

from random import Random

import pytest

from tests.store.test_review_histories import goes_live

pytestmark = pytest.mark.faults
HISTORIES = 10_000


def test_ten_thousand_histories_and_no_go_live_without_three_people():
    lived = sum(goes_live(Random(seed)) for seed in range(HISTORIES))

    print(f"{lived} of {HISTORIES} histories ended in a go-live, each of three people")
    assert lived > HISTORIES / 50
