"""A scenario from a post-mortem: what the incident's file says, an id that is free, no more."""

from datetime import timedelta

import pytest
import yaml

from ops_model.errors import UsageError
from ops_model.store.workbook import read_workbook
from ops_model.workflow.scenario_from import write_scenario
from tests.builders import AREAS, AS_OF, a_workbook

MODE = AREAS["identity"]["failure_modes"][0]
NOTICED = AS_OF - timedelta(days=30)


def at(minutes):
    return (NOTICED + timedelta(minutes=minutes)).isoformat()


def an_incident(**changes):
    review = {"owner": "bo-li", "due": "2013-07-01", "causes": ['Nobody counted: "late" # yes']}
    values = {
        "id": "storm", "title": "Late flights stood as on time", "severity": "sev2",
        "state": "detected", "detected_by": "staff", "detected_at": at(0),
        "failure_mode": MODE["id"], "post_mortem": review,
        "timeline": [
            {"at": at(-30), "text": "Snow."},
            {"at": at(0), "text": "A desk calls: what now?"},
            {"at": at(25), "text": "Estimates are overridden."},
            {"at": at(241), "text": "Too late to be walked."},
        ],
    }  # fmt: skip
    return {key: value for key, value in {**values, **changes}.items() if value is not None}


@pytest.fixture
def write(tmp_path):
    def written(*, incident="storm", own=(), modes=None, **changes):
        identity = {"failure_modes": modes} if modes is not None else {}
        root = tmp_path
        if not (root / "ops-model.yaml").exists():
            a_workbook(root, incidents=[an_incident(**changes)], identity=identity)
        for name, text in own:
            (root / "scenarios").mkdir(exist_ok=True)
            (root / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
        model = read_workbook(root)
        return write_scenario(root, model, model.systems[0], incident)

    return written


def text_of(tmp_path, written):
    return (tmp_path / written.path).read_text(encoding="utf-8")


def test_the_scenario_says_what_the_incident_says_and_nothing_else(write, tmp_path):
    written = write()

    (scenario,) = read_workbook(tmp_path).scenarios
    assert (scenario.id, written.path) == ("G25", "scenarios/G25.yaml")
    assert scenario.title == "Late flights stood as on time"
    assert scenario.prompt == "Late flights stood as on time. Snow."
    assert [(one.minute, one.text) for one in scenario.injects] == [
        (0, "A desk calls: what now?"), (25, "Estimates are overridden.")
    ]  # fmt: skip
    assert scenario.exposes == ('Nobody counted: "late" # yes',)
    assert (scenario.kinds, scenario.failures) == (("predictive",), (MODE["kind"],))
    assert (scenario.systems, scenario.learned_from) == (("flight-delay",), "flight-delay/storm")
    assert scenario.questions == ()


def test_what_came_after_the_four_hours_is_counted_and_left_out(write, tmp_path):
    text = text_of(tmp_path, write())

    assert "# Left out: 1 of the course after the four hours." in text
    assert "Too late to be walked" not in text


def test_the_id_that_the_post_mortem_names_is_taken(write):
    review = {"owner": "bo-li", "due": "2013-07-01", "new_scenarios": ["G01", "G40"]}

    assert write(post_mortem=review).id == "G40"


def test_else_it_is_the_next_that_nobody_wrote_or_names(write):
    own = "title: x\nprompt: x\nfailures: [drift]\n"

    written = write(own=[("G25", f"id: G25\n{own}")], modes=[{**MODE, "scenarios": ["G26"]}])

    assert written.id == "G27"


def test_what_is_left_to_do_is_said(write):
    written = write()

    assert written.next_steps[1:] == (
        f"name G25 under `scenarios` of {MODE['id']} in systems/flight-delay/system.yaml",
        "name it under `new_scenarios` in systems/flight-delay/incidents/storm.yaml",
        "walk it: ops-model drill game-day flight-delay --scenario G25",
    )


def test_nothing_is_written_twice_and_what_somebody_changed_stays(write, tmp_path):
    first = write()
    (tmp_path / first.path).write_text(
        text_of(tmp_path, first).replace("Late flights", "Our flights"), encoding="utf-8"
    )

    with pytest.raises(UsageError, match="was learned from flight-delay/storm already"):
        write()

    assert "Our flights" in text_of(tmp_path, first)
    assert [p.name for p in (tmp_path / "scenarios").iterdir()] == ["G25.yaml"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"post_mortem": None}, "has no post-mortem, so nothing was learned from it yet"),
        ({"failure_mode": None}, "names no failure mode of flight-delay"),
        ({"failure_mode": "gone"}, "names no failure mode of flight-delay"),
        ({"incident": "strom"}, "has no incident 'strom'"),
    ],
)
def test_an_incident_that_says_too_little_is_refused_and_nothing_is_made_up(
    write, tmp_path, changes, message
):
    with pytest.raises(UsageError, match=message):
        write(**changes)

    assert not (tmp_path / "scenarios").exists()


def test_a_text_that_looks_like_yaml_stays_a_text(write, tmp_path):
    odd = 'no: [1, 2] # "x" \\ {y} é'

    text = text_of(tmp_path, write(title=odd))

    assert yaml.safe_load(text)["title"] == odd


def test_a_folder_that_leads_out_of_the_workbook_is_refused(write, tmp_path, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (tmp_path / "scenarios").symlink_to(elsewhere)

    with pytest.raises(UsageError, match="is a link that leaves the workbook"):
        write()

    assert list(elsewhere.iterdir()) == []
