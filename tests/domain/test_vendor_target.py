"""What a path may name to be rehearsed against, and what is refused."""

import pytest
from pydantic import ValidationError

from ops_model.domain.fallback import FAULT_WORDS, FAULTS, FallbackPath, VendorTarget

CLIENT = {"environment": "test", "model": "m", "client": "shop:ask"}
OUTAGE = {"environment": "test", "start": ["x"], "sample": {"a": 1}}
PATH = {"id": "p", "replaces": "v", "trigger": "t", "kind": "cache", "text": "x"}


def test_a_client_is_asked_under_all_ten_faults_where_none_is_named():
    assert VendorTarget.model_validate(CLIENT).faults == FAULTS
    assert len(set(FAULTS)) == 10


def test_each_fault_has_its_words():
    assert tuple(FAULT_WORDS) == FAULTS


@pytest.mark.parametrize(
    "client",
    [
        {},
        {"client": "shop:ask", "start": ["x"]},
        {"client": "shop:ask", "url": "http://127.0.0.1:1", "ports": [1, 2]},
    ],
)
def test_exactly_one_client_is_named(client):
    with pytest.raises(ValidationError, match="expected one of client, start and url"):
        VendorTarget.model_validate({"environment": "test", "model": "m", **client})


@pytest.mark.parametrize(
    "client", [{"url": "http://127.0.0.1:1"}, {"client": "shop:ask", "ports": [1, 2]}]
)
def test_a_running_client_and_the_ports_that_it_knows_are_named_together(client):
    with pytest.raises(ValidationError, match="expected url and ports together"):
        VendorTarget.model_validate({"environment": "test", "model": "m", **client})


@pytest.mark.parametrize(
    ("key", "value"),
    [("requests", 4), ("requests_per_second", 0), ("patience_seconds", 61), ("faults", ["fire"]),
     ("faults", []),
     ("return_within_seconds", 0)],
)  # fmt: skip
def test_numbers_that_make_no_drill_are_refused(key, value):
    with pytest.raises(ValidationError):
        VendorTarget.model_validate({**CLIENT, key: value})


def test_a_path_is_rehearsed_against_a_server_or_a_vendor_and_not_both():
    assert not FallbackPath.model_validate(PATH).rehearsable
    assert FallbackPath.model_validate({**PATH, "vendor": CLIENT}).rehearsable
    assert FallbackPath.model_validate({**PATH, "target": OUTAGE}).rehearsable
    with pytest.raises(ValidationError, match="expected one of target and vendor"):
        FallbackPath.model_validate({**PATH, "vendor": CLIENT, "target": OUTAGE})


@pytest.mark.parametrize("kind", ["second_provider", "smaller_model", "human_queue"])
def test_words_of_its_own_are_named_for_a_cache_and_rules_alone(kind):
    own = {**CLIENT, "own_words": "order number"}

    assert FallbackPath.model_validate({**PATH, "vendor": own}).vendor.own_words
    with pytest.raises(ValidationError, match=f"by {kind} somebody else answers"):
        FallbackPath.model_validate({**PATH, "kind": kind, "vendor": own})
