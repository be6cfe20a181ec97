import pytest

from tests.builders import AREAS
from tests.checks.judged import judged

PRIMARY, SECONDARY = AREAS["on_call"]["layers"]
QUALITY, INPUTS = AREAS["signals"]["monitors"]


def test_om_06_passes_when_every_id_names_something():
    finding = judged("OM-06")

    assert finding.message == "all 31 references name something"
    assert finding.grade == "E3"


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ({"ownership": {"deputy": "gone"}}, "ownership.yaml:2: person or team 'gone'"),
        ({"ownership": {"domains": {"cost": "gone"}}}, "ownership.yaml:4: person or team 'gone'"),
        (
            {"on_call": {"layers": [{**PRIMARY, "participants": ["bo-li", "gone"]}, SECONDARY]}},
            "on_call.yaml:8: person 'gone'",
        ),
        ({"rollback": {"author": "gone"}}, "rollback.yaml:3: person 'gone'"),
        (
            {"fallback": {"paths": [{**AREAS["fallback"]["paths"][0], "replaces": "gone"}]}},
            "dependency 'gone'",
        ),
        ({"cost": {"ceilings": [{**AREAS["cost"]["ceilings"][0], "owner": "gone"}]}}, "'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "log": "gone"}]}}, "log 'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "labels": "gone"}]}}, "log 'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "baseline": "gone"}]}}, "baseline 'gone'"),
        ({"signals": {"monitors": [{**QUALITY, "playbook": "gone"}]}}, "playbook 'gone'"),
        (
            {"signals": {"playbooks": [{**AREAS["signals"]["playbooks"][0], "who": "gone"}]}},
            "person, team or role 'gone'",
        ),
        (
            {"decisions": {"rights": [{**AREAS["decisions"]["rights"][0], "holder": "gone"}]}},
            "person, team or role 'gone'",
        ),
        (
            {"service_levels": {"agreements": [{"to": "x", "objective": "gone", "target": "0"}]}},
            "objective 'gone'",
        ),
        (
            {"identity": {"stage_history": [{"stage": "live", "at": "2013-03-01T00:00:00Z",
                                             "by": "gone"}]}},
            "person 'gone'",
        ),
    ],
)  # fmt: skip
def test_om_06_fails_with_file_and_line_for_an_id_that_names_nothing(areas, said):
    finding = judged("OM-06", **areas)

    assert finding.status == "failed"
    assert said in finding.message
    assert all(place.line for place in finding.looked_at)


def test_om_06_fails_with_all_dangling_references_at_once():
    finding = judged("OM-06", ownership={"deputy": "gone"}, rollback={"author": "lost"})

    assert "2 of 31 references name nothing" in finding.message
