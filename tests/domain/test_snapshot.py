"""A snapshot on its way to a kernel and back."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot, SystemClaims
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.snapshot import (
    is_of_portfolio,
    read_portfolio,
    read_snapshot,
    snapshot_as_json,
)
from ops_model.domain.system import AISystem
from ops_model.domain.values import Located, Where
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import IntegrityError


def located(path, line, content):
    """What the store hands over: a mapping that knows its place and that of each key."""
    node = Located(content)
    node.where = Where(path=path, line=line)
    node.places = {key: Where(path=path, line=line + n) for n, key in enumerate(content)}
    return node


def a_snapshot():
    version = located("systems/x/system.yaml", 20, {
        "label": "v2", "model_ref": "v2.json", "in_production_since": "2013-03-01T00:00:00Z",
    })  # fmt: skip
    identity = AISystem.model_validate(located("systems/x/system.yaml", 1, {
        "name": "X", "kind": "predictive", "tier": "B", "purpose": "p", "users": "u",
        "customer_facing": "false", "version": version,
    }))  # fmt: skip
    ceiling = located("systems/x/cost.yaml", 5, {
        "id": "daily", "amount": "12.50 USD", "warn_at": ["0.050"], "hard_action": "stop",
        "owner": "m-ito",
    })  # fmt: skip
    cost = CostPlan.model_validate(
        located("systems/x/cost.yaml", 1, {"currency": "USD", "ceilings": [ceiling]})
    )
    policy = Policy.model_validate(
        located("policy.yaml", 1, {"thresholds": {"RBK-02": {"max_age_days": "30"}}})
    )
    return Snapshot(
        workbook="w", system=SystemClaims(id="x", identity=identity, cost=cost),
        people=People(people=()), policy=policy,
        settings=WorkbookSettings(name="n", zone="UTC"),
        as_of=datetime(2013, 7, 22, 8, tzinfo=UTC), ledger_size=0,
    )  # fmt: skip


def there_and_back(snapshot):
    return read_snapshot(json.loads(json.dumps(snapshot_as_json(snapshot))))


def test_a_snapshot_comes_back_with_the_same_content():
    snapshot = a_snapshot()

    assert there_and_back(snapshot) == snapshot


def test_the_digests_of_its_claims_stay_the_same():
    snapshot = a_snapshot()

    assert there_and_back(snapshot).system.claim_refs() == snapshot.system.claim_refs()


def test_every_claim_still_knows_its_file_and_line():
    system = there_and_back(a_snapshot()).system

    assert str(system.where) == "systems/x/system.yaml:1"
    assert str(system.identity.version.place_of("model_ref")) == "systems/x/system.yaml:21"
    assert isinstance(system.cost.ceilings[0], CostCeiling)
    assert str(system.cost.ceilings[0].where) == "systems/x/cost.yaml:5"


@pytest.mark.parametrize("spoiled", [{}, {"statements": []}, {"statements": 3}])
def test_what_is_no_snapshot_is_refused_with_a_remedy(spoiled):
    with pytest.raises(IntegrityError, match=r"snapshot\.json: is no snapshot"):
        read_snapshot(spoiled)


def of_all():
    one = a_snapshot()
    other = one.system.model_copy(update={"id": "y"})
    return PortfolioSnapshot(
        workbook="w", systems=(one.system, other), people=one.people, policy=one.policy,
        settings=one.settings, as_of=one.as_of, ledger_size=0,
    )  # fmt: skip


def test_a_snapshot_of_all_systems_comes_back_with_every_place():
    plain = json.loads(json.dumps(snapshot_as_json(of_all())))

    back = read_portfolio(plain)

    assert is_of_portfolio(plain)
    assert back == of_all()
    assert str(back.systems[1].identity.where) == "systems/x/system.yaml:1"


def test_the_part_of_one_system_is_what_that_system_gets_alone():
    snapshot = of_all()

    assert snapshot.of(snapshot.systems[0], ()) == a_snapshot()
    assert not is_of_portfolio(snapshot_as_json(a_snapshot()))


def test_a_snapshot_of_one_system_is_no_snapshot_of_all():
    with pytest.raises(IntegrityError, match=r"snapshot\.json: is no snapshot"):
        read_portfolio(snapshot_as_json(a_snapshot()))


HOSTILE = st.text(alphabet="@atlines{}", max_size=8) | st.sampled_from(
    ["@at", "@lines", "@@at", "@", "", "__class__", "statements"]
)


@given(st.dictionaries(HOSTILE, st.sampled_from(["x", "systems/x.yaml:99", "3"]), max_size=6))
def test_keys_of_a_user_s_own_come_back_whatever_they_are_called(keys):
    policy = Policy.model_validate({"thresholds": {"ACME-01": {**keys, "deep": dict(keys)}}})
    snapshot = a_snapshot().model_copy(update={"policy": policy})

    back = read_snapshot(json.loads(json.dumps(snapshot_as_json(snapshot))))

    assert back == snapshot
    assert list(back.policy.thresholds["ACME-01"]) == list(policy.thresholds["ACME-01"])
