import pytest

from ops_model.site.told import told
from tests.site import samples


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (samples.quality(),
         "Accuracy 74.1 % (n 6,180, 73.0 to 75.2 %, the 7 days to 22 Jul 2013) against a baseline "
         "of 82.3 %, alarm raised on 25 Jun 2013"),
        (samples.quality(alarm=False).model_copy(update={"window": None}),
         "Accuracy 74.1 % (n 6,180, 73.0 to 75.2 %) against a baseline of 82.3 %, no alarm"),
        (samples.drift(), "Drift of input distribution: 2 of 5 columns beyond the limit"),
        (samples.spend(),
         "Spend: 11.20 USD today so far, 33.40 USD on the last full day, 0 days over the ceiling"),
        (samples.transition(), "Transition: 1 of 2 duties led by our own people"),
        (samples.coverage(), "On-call coverage of 91 days: 0 holes"),
    ],
)  # fmt: skip
def test_a_record_is_told_in_half_a_sentence(record, said):
    assert told(record) == said


def test_a_drill_is_told_with_its_result():
    failed = samples.rollback_drill().model_copy(update={"passed": False})

    assert told(samples.rollback_drill()).startswith("Rollback drill passed: ")
    assert told(failed).startswith("Rollback drill failed: ")
    assert told(samples.fallback_drill()).startswith("Fallback drill passed: ")
