"""A small organisation in Python: an owner, a deputy, a colleague, and one who left."""

from ops_model.domain.decisions import DecisionRight, Decisions
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.ownership import Ownership
from ops_model.domain.people import People, Person
from ops_model.domain.policy import Policy
from ops_model.domain.system import AISystem, VersionTuple
from ops_model.domain.workbook import WorkbookSettings
from tests.store.ledger_events import AS_OF, SYSTEM


def a_person(person_id, **changes):
    fields = {
        "id": person_id, "name": person_id.title(), "function": "reliability", "zone": "UTC",
        "active_from": "2012-01-01",
    }  # fmt: skip
    return Person(**{**fields, **changes})


def a_system(**changes):
    identity = AISystem(
        name="Flight delay", kind="predictive", tier="B", purpose="Tells delays",
        users="Dispatch", customer_facing="false",
        version=VersionTuple(label="v2", model_ref="v2.json", in_production_since=AS_OF),
    )  # fmt: skip
    fields = {
        "id": SYSTEM,
        "identity": identity,
        "ownership": Ownership(accountable="m-ito", deputy="a-roy"),
        "decisions": Decisions(
            rights=(DecisionRight(action="rollback", holder="primary", autonomy="alone"),)
        ),
    }
    return SystemClaims(**{**fields, **changes})


def a_model(system=None):
    people = People(
        people=(
            a_person("m-ito"),
            a_person("a-roy"),
            a_person("k-berg"),
            a_person("l-past", active_to="2013-01-31"),
        )
    )
    return OperatingModel(
        settings=WorkbookSettings(name="Test", zone="UTC"), people=people, policy=Policy(),
        systems=(system or a_system(),),
    )  # fmt: skip
